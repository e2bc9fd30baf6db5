// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A job on the cluster, with its options, Flink settings and checkpoints. */
final class Deployment {

  private final FlinkProcesses flink;
  private final Path options;
  private final Path checkpoints;
  private final Map<String, String> settings;
  private volatile String id;
  private final AtomicInteger submissions = new AtomicInteger();

  /**
   * Describes a job without submitting it.
   *
   * @param options the job.yaml
   * @param checkpoints the folder of its checkpoints
   * @param settings Flink settings of the job, including its checkpoint directory
   */
  Deployment(FlinkProcesses flink, Path options, Path checkpoints, Map<String, String> settings) {
    this.flink = flink;
    this.options = options;
    this.checkpoints = checkpoints;
    this.settings = settings;
  }

  /** Returns Flink's id of the latest submission. */
  String id() {
    return id;
  }

  /** Returns how often the job was submitted. */
  int submissions() {
    return submissions.get();
  }

  /** Submits the job and waits until all its tasks run. */
  void submit() throws IOException {
    run(List.of());
  }

  /**
   * Submits the job from its newest retained checkpoint, as {@code docker/flink/submit.sh} does,
   * and waits until all its tasks run.
   */
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
    submissions.incrementAndGet();
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

  /** Cancels the job, without a savepoint. */
  void cancel() throws IOException {
    flink.cancel(id);
  }
}
