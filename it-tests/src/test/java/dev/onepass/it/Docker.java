package dev.onepass.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Records;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Docker's command line. */
final class Docker {

  /** The project's folder, which images are built of. */
  static final Path PROJECT = Path.of(System.getProperty("compose.file")).getParent();

  /** As docker-compose.yml names it. */
  static final String JOB_IMAGE = "onepass-flink";

  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  private final Processes processes;
  private int lines;

  /** A test is not run where there is no Docker. */
  Docker(Processes processes, String test) throws IOException {
    this.processes = processes;
    if (!succeeds("docker", "version")) {
      Missing.doNotRun(test + " was NOT RUN, for lack of a Docker daemon.");
    }
  }

  static boolean succeeds(String... line) throws IOException {
    try {
      return new ProcessBuilder(line)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // There is no such command.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + String.join(" ", line), e);
    }
  }

  /** Whether somebody listens on a port of this machine. */
  static boolean isTaken(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs a line and gives what it printed.
   *
   * @param name for its log
   */
  String run(String name, List<String> line, Duration patience) throws IOException {
    return processes.run("docker-%02d-%s".formatted(++lines, name), line, Map.of(), patience);
  }

  /** {@code docker WORDS}, for what takes a moment. */
  String docker(String... words) throws IOException {
    return run(words[0], Stream.concat(Stream.of("docker"), Stream.of(words)).toList(), A_MINUTE);
  }

  /** What {@code docker inspect} tells of containers. */
  List<JsonNode> inspect(List<String> containers) throws IOException {
    List<String> words = new ArrayList<>(List.of("inspect"));
    words.addAll(containers);
    List<JsonNode> all = new ArrayList<>();
    Records.parse(Records.bytes(docker(words.toArray(String[]::new)))).forEach(all::add);
    return all;
  }

  /** Builds the job's image, as compose does. */
  void buildJobImage() throws IOException {
    run(
        "build",
        List.of(
            "docker",
            "build",
            "-q",
            "-t",
            JOB_IMAGE,
            "-f",
            PROJECT.resolve("docker/flink/Dockerfile").toString(),
            PROJECT.toString()),
        Duration.ofMinutes(10));
  }
}
