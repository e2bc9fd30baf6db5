package dev.onepass.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.process.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** docker-compose.yml as it is, as a project of its own that leaves nothing behind. */
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
   * A test is not run where there is no compose, or where a port that the file names is taken.
   *
   * @param profile of what runs beside the services without one
   */
  static Compose of(Processes processes, String profile, int... ports) throws IOException {
    Docker docker = new Docker(processes, "docker-compose.yml");
    List<String> command = List.of("docker", "compose");
    if (!Docker.succeeds("docker", "compose", "version")) {
      command = List.of("docker-compose");
      if (!Docker.succeeds("docker-compose", "version")) {
        Missing.doNotRun("docker-compose.yml was NOT RUN, for lack of docker compose.");
      }
    }
    for (int port : ports) {
      if (Docker.isTaken(port)) {
        Missing.doNotRun("docker-compose.yml was NOT RUN, because port " + port + " is taken.");
      }
    }
    return new Compose(docker, command, profile);
  }

  private List<String> line(String... more) {
    List<String> line = new ArrayList<>(words);
    line.addAll(List.of(more));
    return line;
  }

  /** Makes images and starts everything, as the first line of the file tells. */
  void up() throws IOException {
    docker.run("up", line("up", "--build", "-d"), START);
  }

  /** Removes all containers, and keeps the volumes. */
  void down() throws IOException {
    docker.run("down", line("down"), STOP);
  }

  void stop(String service) throws IOException {
    docker.run("stop", line("stop", service), STOP);
  }

  /** The last lines that services have printed. */
  String logs(int lines, String... services) throws IOException {
    List<String> line = line("logs", "--no-color", "--tail", Integer.toString(lines));
    line.addAll(List.of(services));
    return docker.run("logs", line, STOP);
  }

  /** What {@code docker inspect} tells of all containers, those that have ended too. */
  List<JsonNode> containers() throws IOException {
    String ids =
        docker.docker("ps", "-aq", "--filter", "label=com.docker.compose.project=" + project);
    return docker.inspect(ids.lines().toList());
  }

  /** The user ids of all processes in a container that runs. */
  List<String> users(String container) throws IOException {
    return docker
        .docker("top", container, "-eo", "pid,uid")
        .lines()
        .skip(1)
        .map(line -> line.strip().split("\\s+")[1])
        .toList();
  }

  /** Removes containers, network and volumes. */
  @Override
  public void close() throws IOException, InterruptedException {
    cleaning.close();
  }
}
