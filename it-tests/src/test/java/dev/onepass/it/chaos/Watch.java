// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.process.FlinkRest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Polls Flink's REST interface for a job's status, checkpoints, exceptions and metrics. */
final class Watch implements AutoCloseable {

  private static final Duration EVERY = Duration.ofMillis(200);

  /** Only every fifth look includes checkpoints and metrics, which take several requests. */
  private static final int LOOKS_FOR_EACH_CLOSE_LOOK = 5;

  /** Metrics of the job's sink about answers that are late or lost. */
  private static final List<String> METRICS =
      List.of("lostTransactions", "lostAnswers", "oldestUnwrittenMillis");

  private final FlinkRest rest;
  private final Deployment job;
  private final Map<String, Duration> timeIn = new TreeMap<>();
  private final Map<String, Long> restarts = new HashMap<>();
  private final Map<String, Long> failed = new HashMap<>();
  private final Map<String, Long> completed = new HashMap<>();
  private final Map<String, Long> metrics = new LinkedHashMap<>();
  private final CompletableFuture<Void> watching;
  private String firstException;
  private String lastStatus;
  private long timesRestarting;
  private volatile boolean closed;

  private Watch(FlinkRest rest, Deployment job) {
    this.rest = rest;
    this.job = job;
    watching = Background.run("chaos-watch", this::watch);
  }

  /** Starts to poll, on a separate thread. */
  static Watch start(FlinkRest rest, Deployment job) {
    return new Watch(rest, job);
  }

  private void watch() {
    Instant last = Instant.now();
    for (int look = 0; !closed; look++) {
      try {
        TimeUnit.NANOSECONDS.sleep(EVERY.toNanos());
        String status = rest.status(job.id());
        Instant now = Instant.now();
        note(status, Duration.between(last, now));
        last = now;
        if (look % LOOKS_FOR_EACH_CLOSE_LOOK == 0) {
          lookClosely(job.id());
        }
      } catch (IOException e) {
        // The job manager is down. The status shows that.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private synchronized void note(String status, Duration time) {
    if (status.equals("RESTARTING") && !status.equals(lastStatus)) {
      timesRestarting++;
    }
    lastStatus = status;
    timeIn.merge(status, time, Duration::plus);
  }

  private void lookClosely(String id) throws IOException {
    JsonNode counts = rest.get("/jobs/" + id + "/checkpoints").path("counts");
    JsonNode restarted = rest.get("/jobs/" + id + "/metrics?get=numRestarts").path(0);
    JsonNode exceptions = rest.get("/jobs/" + id + "/exceptions").at("/exceptionHistory/entries");
    synchronized (this) {
      failed.put(id, counts.path("failed").longValue());
      completed.put(id, counts.path("completed").longValue());
      restarts.merge(id, restarted.path("value").asLong(), Math::max);
      if (firstException == null && !exceptions.isEmpty()) {
        // Flink lists the newest exception first.
        firstException =
            Complaint.of(exceptions.get(exceptions.size() - 1).path("stacktrace").asText());
      }
    }
    for (String metric : METRICS) {
      OptionalLong sum = rest.sum(id, "onepass." + metric);
      synchronized (this) {
        sum.ifPresent(value -> metrics.merge(metric, value, Math::max));
      }
    }
  }

  /** Drops the times that were recorded before the disturbance. */
  synchronized void begin() {
    timeIn.clear();
  }

  /** Returns for how long the job has had a status; {@code UNKNOWN} without a job manager. */
  synchronized Duration timeIn(String status) {
    return timeIn.getOrDefault(status, Duration.ZERO);
  }

  /**
   * Returns Flink's count of restarts, summed over all submissions. Flink's metrics pause while a
   * task manager is lost, so the result is at least the number of restarts that the status showed.
   */
  synchronized long restarts() {
    return Math.max(timesRestarting, sum(restarts));
  }

  synchronized long failedCheckpoints() {
    return sum(failed);
  }

  synchronized long completedCheckpoints() {
    return sum(completed);
  }

  /** Returns the first exception of the job, shortened; null if there is none. */
  synchronized String firstException() {
    return firstException;
  }

  /** Returns the largest value that a metric has had; empty if the job has no such metric. */
  synchronized OptionalLong metric(String name) {
    Long value = metrics.get(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static long sum(Map<String, Long> numbers) {
    return numbers.values().stream().mapToLong(number -> number).sum();
  }

  @Override
  public void close() throws Exception {
    closed = true;
    watching.get(60, TimeUnit.SECONDS);
  }
}
