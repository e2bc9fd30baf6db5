// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.process.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs docker-compose.yml unchanged, as a separate Compose project that is removed afterwards. */
final class Compose implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(10);
  private static final Duration STOP = Duration.ofMinutes(2);

  private final String project = "onepass-it-" + ProcessHandle.current().pid();
  private final Docker docker;
  private final List<String> words;
  private final LastLine cleaning;

  private Compose(Docker docker, List<String> command, String profile) throws IOException {
    this.docker = docker;
    words = new ArrayList<>(command);
    words.addAll(
        List.of(
            "-p",
            project,
            "-f",
            Docker.PROJECT.resolve("docker-compose.yml").toString(),
            "--profile",
            profile));
    cleaning =
        new LastLine(
            "'"
                + String.join("' '", line("down", "-v", "--remove-orphans", "--timeout", "5"))
                + "'");
  }

  /**
   * Prepares the Compose project. The test is not run if Docker Compose is missing or one of the
   * ports is in use.
   *
   * @param profile profile of the file to run, in addition to the services without a profile
   * @param ports ports of this machine that the file publishes
   */
  static Compose of(Processes processes, String profile, int... ports) throws IOException {
    Docker docker = new Docker(processes, "docker-compose.yml");
    List<String> command = List.of("docker", "compose");
    if (!Docker.succeeds("docker", "compose", "version")) {
      command = List.of("docker-compose");
      if (!Docker.succeeds("docker-compose", "version")) {
        Missing.doNotRun("NOT TESTED: docker-compose.yml, because Docker Compose is missing.");
      }
    }
    for (int port : ports) {
      if (Docker.isTaken(port)) {
        Missing.doNotRun("NOT TESTED: docker-compose.yml, because port " + port + " is in use.");
      }
    }
    return new Compose(docker, command, profile);
  }

  private List<String> line(String... more) {
    List<String> line = new ArrayList<>(words);
    line.addAll(List.of(more));
    return line;
  }

  /** Builds the images and starts all services, with the command in the file's first line. */
  void up() throws IOException {
    docker.run("up", line("up", "--build", "-d"), START);
  }

  /** Removes all containers but keeps the volumes. */
  void down() throws IOException {
    docker.run("down", line("down"), STOP);
  }

  /** Stops a service. */
  void stop(String service) throws IOException {
    docker.run("stop", line("stop", service), STOP);
  }

  /** Returns the last lines of the logs of services; of all services if none is named. */
  String logs(int lines, String... services) throws IOException {
    List<String> line = line("logs", "--no-color", "--tail", Integer.toString(lines));
    line.addAll(List.of(services));
    return docker.run("logs", line, STOP);
  }

  /** Returns the output of {@code docker inspect} for all containers, including ended ones. */
  List<JsonNode> containers() throws IOException {
    String ids =
        docker.docker("ps", "-aq", "--filter", "label=com.docker.compose.project=" + project);
    return docker.inspect(ids.lines().toList());
  }

  /** Returns the user ids of all processes in a running container. */
  List<String> users(String container) throws IOException {
    return docker
        .docker("top", container, "-eo", "pid,uid")
        .lines()
        .skip(1)
        .map(line -> line.strip().split("\\s+")[1])
        .toList();
  }

  /** Removes containers, networks and volumes. */
  @Override
  public void close() throws IOException, InterruptedException {
    cleaning.close();
  }
}
