// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Access to the REST interface of a cluster. */
public final class FlinkRest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI address;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Creates access to a cluster on this machine. */
  public FlinkRest(int port) {
    address = URI.create("http://" + Ports.HOST + ":" + port);
  }

  /**
   * Gets a resource.
   *
   * @param path with its query, beginning with a slash
   * @throws IOException if there is no answer or its status is not 200
   */
  public JsonNode get(String path) throws IOException {
    return send(HttpRequest.newBuilder(address.resolve(path)));
  }

  private JsonNode send(HttpRequest.Builder builder) throws IOException {
    HttpRequest request = builder.timeout(Duration.ofSeconds(10)).build();
    String path = request.uri().getPath();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(path + ": " + response.statusCode() + " " + response.body());
      }
      return JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while getting " + path, e);
    }
  }

  /**
   * Makes a savepoint and waits for it.
   *
   * @return its path
   */
  public String savepoint(String job, String directory, Duration patience) throws IOException {
    String path = "/jobs/" + job + "/savepoints";
    String body = JSON.createObjectNode().put("target-directory", directory).toString();
    String trigger =
        send(HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)))
            .get("request-id")
            .textValue();
    return Awaitility.await("the savepoint")
        .atMost(patience)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> get(path + "/" + trigger).at("/operation/location").textValue(),
            location -> location != null);
  }

  /** Returns the number of registered task managers. */
  public int taskManagers() throws IOException {
    return get("/overview").get("taskmanagers").intValue();
  }

  /** Returns the ids of all jobs that have not ended, in no particular order. */
  public List<String> jobs() throws IOException {
    List<String> jobs = new ArrayList<>();
    for (JsonNode job : get("/jobs").get("jobs")) {
      if (!List.of("CANCELED", "FINISHED", "FAILED").contains(job.get("status").textValue())) {
        jobs.add(job.get("id").textValue());
      }
    }
    return jobs;
  }

  /** Returns the ids of all running jobs, by name. */
  public Map<String, String> runningJobs() throws IOException {
    Map<String, String> jobs = new HashMap<>();
    for (JsonNode job : get("/jobs/overview").get("jobs")) {
      if (job.get("state").textValue().equals("RUNNING")) {
        jobs.put(job.get("name").textValue(), job.get("jid").textValue());
      }
    }
    return jobs;
  }

  /** Waits until every task of a job runs. */
  public void awaitRunning(String job, Duration patience) {
    Awaitility.await("all tasks of the job run")
        .atMost(patience)
        .ignoreExceptionsInstanceOf(IOException.class)
        .failFast("the job failed", () -> status(job).equals("FAILED"))
        .until(() -> allTasksRun(job));
  }

  private boolean allTasksRun(String job) throws IOException {
    JsonNode vertices = get("/jobs/" + job).get("vertices");
    for (JsonNode vertex : vertices) {
      if (vertex.get("tasks").get("RUNNING").intValue() != vertex.get("parallelism").intValue()) {
        return false;
      }
    }
    return !vertices.isEmpty();
  }

  /**
   * Returns the status of a job in Flink's terms, such as RUNNING; UNKNOWN if the cluster does not
   * answer.
   */
  public String status(String job) {
    try {
      return get("/jobs/" + job).get("state").textValue();
    } catch (IOException e) {
      return "UNKNOWN";
    }
  }

  /** Waits until a job has completed a checkpoint that starts after this call. */
  public void awaitCheckpoint(String job, Duration patience) throws IOException {
    // The one after the next, because the next may have started already. At first there is none.
    long wanted = lastCheckpoint(job).path("id").longValue() + 2;
    Awaitility.await("a checkpoint")
        .atMost(patience)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> lastCheckpoint(job).path("id").longValue() >= wanted);
  }

  /** Returns the last completed checkpoint of a job; a missing node if there is none. */
  JsonNode lastCheckpoint(String job) throws IOException {
    return get("/jobs/" + job + "/checkpoints").at("/latest/completed");
  }

  /**
   * Waits until the backlog of every source subtask is at most a number of records. A source
   * reports its backlog once it has read some records.
   *
   * @param most maximum backlog of a source that keeps up
   */
  public void awaitKeepingUp(String job, long most, Duration patience) {
    Awaitility.await("the job keeps up with its topics")
        .atMost(patience)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> pendingRecords(job), pending -> pending <= most);
  }

  /** Returns the largest backlog of a source subtask, in records. */
  private long pendingRecords(String job) throws IOException {
    return metrics(job, name -> name.endsWith(".pendingRecords"), "max").values().stream()
        .mapToLong(Double::longValue)
        .max()
        .orElseThrow(() -> new IOException("no source of job " + job + " reports its backlog"));
  }

  /**
   * Returns the sum of a metric over all operators and subtasks of a job; empty if none has it.
   *
   * @param ending end of the metric's name, such as {@code onepass.answers}
   */
  public OptionalLong sum(String job, String ending) throws IOException {
    Map<String, Double> sums = metrics(job, name -> name.endsWith("." + ending), "sum");
    return sums.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(sums.values().stream().mapToLong(Double::longValue).sum());
  }

  /** Returns the number of completed checkpoints of a job, including savepoints. */
  public long completedCheckpoints(String job) throws IOException {
    return get("/jobs/" + job + "/checkpoints").at("/counts/completed").longValue();
  }

  /** Returns metrics of a job's tasks, each with its largest value over subtasks. */
  public Map<String, Double> metrics(String job, Predicate<String> wanted) throws IOException {
    return metrics(job, wanted, "max");
  }

  /** Returns metrics of a job's tasks by operator and name, aggregated over subtasks. */
  private Map<String, Double> metrics(String job, Predicate<String> wanted, String aggregation)
      throws IOException {
    BinaryOperator<Double> both = aggregation.equals("sum") ? Double::sum : Math::max;
    Map<String, Double> found = new HashMap<>();
    for (JsonNode vertex : get("/jobs/" + job).get("vertices")) {
      String metrics =
          "/jobs/%s/vertices/%s/subtasks/metrics".formatted(job, vertex.get("id").textValue());
      for (JsonNode metric : get(metrics)) {
        String name = metric.get("id").textValue();
        if (wanted.test(name)) {
          String query =
              "?agg=%s&get=%s"
                  .formatted(aggregation, URLEncoder.encode(name, StandardCharsets.UTF_8));
          found.merge(name, get(metrics + query).at("/0/" + aggregation).doubleValue(), both);
        }
      }
    }
    return found;
  }

  /** Returns whether a job was ever restarted after a failure. */
  public boolean wasRestarted(String job) throws IOException {
    return get("/jobs/" + job).get("timestamps").get("RESTARTING").longValue() > 0;
  }
}
