// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import dev.onepass.it.JobFile;
import dev.onepass.testkit.embedded.EmbeddedFlink;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.testutils.InMemoryReporter;

/**
 * A broker and a Flink cluster in this JVM. One job runs at a time, from the job's own jar. A
 * failure ends the job, since no restart may hide it.
 */
final class GoldenCluster implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(60);

  /** Long, so that the transactions before a savepoint are still open when it is made. */
  private static final Duration CHECKPOINTS = Duration.ofMinutes(4);

  private final EmbeddedKafka kafka;
  private final EmbeddedFlink flink;
  private final InMemoryReporter metrics;
  private FlinkJob job;

  private GoldenCluster(EmbeddedKafka kafka, EmbeddedFlink flink, InMemoryReporter metrics) {
    this.kafka = kafka;
    this.flink = flink;
    this.metrics = metrics;
  }

  static GoldenCluster start(Path directory) throws IOException {
    InMemoryReporter metrics = InMemoryReporter.create();
    Configuration settings = new Configuration();
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINTS);
    metrics.addToConfiguration(settings);
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    try {
      return new GoldenCluster(
          kafka, EmbeddedFlink.start(directory.resolve("flink"), 1, 0, settings), metrics);
    } catch (IOException e) {
      kafka.close();
      throw e;
    }
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /**
   * Starts a job and waits until it runs.
   *
   * @param savepoint to restore, or null
   */
  void submit(Map<String, String> options, Path savepoint) throws IOException {
    Map<String, String> all = new HashMap<>(options);
    all.put("kafka.bootstrap.servers", bootstrapServers());
    SavepointRestoreSettings restore =
        savepoint == null
            ? SavepointRestoreSettings.none()
            : SavepointRestoreSettings.forPath(savepoint.toUri().toString());
    job = flink.submit(JobFile.JAR, 1, restore, JobFile.arguments(all));
    job.awaitRunning(START);
  }

  /** Stops the job with a savepoint in the canonical format, and returns the savepoint's place. */
  Path stop(Path directory) throws Exception {
    String savepoint = job.stopWithSavepoint(directory);
    job = null;
    return Path.of(URI.create(savepoint));
  }

  /** Ends the job. */
  void cancel() {
    if (job != null) {
      job.cancel();
      job = null;
    }
  }

  /** Fails if the job, which has no end, has ended. */
  void failIfEnded() {
    if (job != null && job.failure().isPresent()) {
      throw new AssertionError("the job ended: " + job.failure().get());
    }
  }

  /** Returns how many values the job's histograms of this name have taken. */
  long observed(String histogram) {
    long count = 0;
    for (Metric metric : metrics.findMetrics(job.id(), ".*onepass\\..*" + histogram).values()) {
      count += ((Histogram) metric).getCount();
    }
    return count;
  }

  @Override
  public void close() {
    flink.close();
    kafka.close();
  }
}
