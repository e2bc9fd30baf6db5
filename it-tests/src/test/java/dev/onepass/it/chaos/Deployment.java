package dev.onepass.it.chaos;

import dev.onepass.it.JobFile;
import dev.onepass.testkit.process.FlinkProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A job on the cluster, by its options, its Flink settings and its checkpoints. */
final class Deployment {

  private final FlinkProcesses flink;
  private final Path options;
  private final Path checkpoints;
  private final Map<String, String> settings;
  private volatile String id;
  private volatile int submissions;

  /**
   * A job that is not submitted yet.
   *
   * @param options its job.yaml
   * @param checkpoints where its checkpoints are
   * @param settings of Flink for it, its checkpoint directory among them
   */
  Deployment(FlinkProcesses flink, Path options, Path checkpoints, Map<String, String> settings) {
    this.flink = flink;
    this.options = options;
    this.checkpoints = checkpoints;
    this.settings = settings;
  }

  /** Flink's id of the job that was submitted last. */
  String id() {
    return id;
  }

  /** How often it was submitted. */
  int submissions() {
    return submissions;
  }

  /** Submits it, and waits until all of it runs. */
  void submit() throws IOException {
    run(List.of());
  }

  /** The same, from its newest retained checkpoint, as {@code docker/flink/submit.sh} does. */
  void submitAgain() throws IOException {
    run(
        List.of(
            "-s",
            newestCheckpoint().toUri().toString(),
            "-D",
            "execution.state-recovery.claim-mode=CLAIM"));
  }

  private void run(List<String> restore) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-p", "2"));
    settings.forEach((name, value) -> arguments.addAll(List.of("-D", name + "=" + value)));
    arguments.addAll(restore);
    arguments.addAll(List.of(JobFile.JAR.toString(), "--config", options.toString()));
    id = flink.run(arguments.toArray(String[]::new));
    submissions++;
  }

  private Path newestCheckpoint() throws IOException {
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .max(Comparator.comparing(file -> file.toFile().lastModified()))
          .orElseThrow(() -> new IOException("no checkpoint in " + checkpoints))
          .getParent();
    }
  }

  /** Ends it, without a savepoint. */
  void cancel() throws IOException {
    flink.cancel(id);
  }
}
