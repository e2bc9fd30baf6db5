// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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

/** Runs commands of Docker. */
final class Docker {

  /** The project's folder, from which images are built. */
  static final Path PROJECT = Path.of(System.getProperty("compose.file")).getParent();

  /** The name of the job's image in docker-compose.yml. */
  static final String JOB_IMAGE = "onepass-flink";

  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  private final Processes processes;
  private int lines;

  /**
   * Prepares to run commands. The test is not run if no Docker daemon answers.
   *
   * @param test what is not tested in that case
   */
  Docker(Processes processes, String test) throws IOException {
    this.processes = processes;
    if (!succeeds("docker", "version")) {
      Missing.doNotRun("NOT TESTED: " + test + ", because no Docker daemon answers.");
    }
  }

  /** Tells whether a command exists and exits with 0. */
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

  /** Tells whether a process listens on a port of this machine. */
  static boolean isTaken(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs a command.
   *
   * @param name name of its log
   * @param line the words of the command
   * @return its output
   * @throws AssertionError if it fails or does not end in time
   */
  String run(String name, List<String> line, Duration patience) throws IOException {
    return processes.run("docker-%02d-%s".formatted(++lines, name), line, Map.of(), patience);
  }

  /** Runs {@code docker WORDS} with a time limit of a minute, and returns its output. */
  String docker(String... words) throws IOException {
    return run(words[0], Stream.concat(Stream.of("docker"), Stream.of(words)).toList(), A_MINUTE);
  }

  /** Returns the output of {@code docker inspect} for containers, given by id. */
  List<JsonNode> inspect(List<String> containers) throws IOException {
    List<String> words = new ArrayList<>(List.of("inspect"));
    words.addAll(containers);
    List<JsonNode> all = new ArrayList<>();
    Records.parse(Records.bytes(docker(words.toArray(String[]::new)))).forEach(all::add);
    return all;
  }

  /** Builds the job's image as docker-compose.yml does. */
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
