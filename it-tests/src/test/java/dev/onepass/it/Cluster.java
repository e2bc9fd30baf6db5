// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.testkit.embedded.EmbeddedFlink;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/**
 * A broker and a Flink cluster with RocksDB, embedded in this JVM, that run the job's jar. As a
 * {@link Client} it also writes and reads records, as a user's client does.
 */
final class Cluster extends Client {

  private static final int SLOTS = 4;

  private final EmbeddedFlink flink;

  /** Stops the broker, if this cluster has started it. */
  private final Runnable stopBroker;

  private Cluster(String bootstrapServers, EmbeddedFlink flink, Runnable stopBroker) {
    super(bootstrapServers);
    this.flink = flink;
    this.stopBroker = stopBroker;
  }

  /**
   * Starts a broker and a Flink cluster.
   *
   * @param directory the folder of their data
   */
  static Cluster start(Path directory) throws IOException {
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    EmbeddedFlink flink = startFlink(directory, new Configuration());
    return new Cluster(kafka.bootstrapServers(), flink, kafka::close);
  }

  /**
   * Starts a Flink cluster for a broker that already runs, and that {@link #close()} does not stop.
   *
   * @param options Flink settings, which override those chosen here
   */
  static Cluster start(Path directory, String bootstrapServers, Configuration options)
      throws IOException {
    return new Cluster(bootstrapServers, startFlink(directory, options), () -> {});
  }

  private static EmbeddedFlink startFlink(Path directory, Configuration options)
      throws IOException {
    Configuration settings = new Configuration();
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(200));
    settings.addAll(options);
    return EmbeddedFlink.start(directory.resolve("flink"), SLOTS, 0, settings);
  }

  /** Submits the job with parallelism 2 and waits until all its tasks run. */
  FlinkJob submit(Topics topics, Map<String, String> options) throws IOException {
    return submit(topics, options, 2, SavepointRestoreSettings.none());
  }

  /** Submits the job, optionally from a savepoint, and waits until all its tasks run. */
  FlinkJob submit(
      Topics topics, Map<String, String> options, int parallelism, SavepointRestoreSettings restore)
      throws IOException {
    FlinkJob job = start(topics, options, parallelism, restore);
    job.awaitRunning(Duration.ofSeconds(60));
    return job;
  }

  /** Submits the job with parallelism 2 without waiting; for jobs that are expected to fail. */
  FlinkJob start(Topics topics, Map<String, String> options) throws IOException {
    return start(topics, options, 2, SavepointRestoreSettings.none());
  }

  private FlinkJob start(
      Topics topics, Map<String, String> options, int parallelism, SavepointRestoreSettings restore)
      throws IOException {
    Map<String, String> all = new HashMap<>(options);
    all.putIfAbsent("kafka.bootstrap.servers", bootstrapServers());
    all.putAll(topics.options());
    return flink.submit(JobFile.JAR, parallelism, restore, JobFile.arguments(all));
  }

  /** Creates a job's topics with one partition each. */
  static void createSinglePartitions(Client client, Topics topics) throws IOException {
    for (String topic :
        List.of(topics.tokens(), topics.queries(), topics.outputs(), topics.deadLetters())) {
      client.createTopic(topic, Map.of());
    }
  }

  /** Kills a task manager and starts another. */
  void replaceTaskManager() throws Exception {
    flink.replaceTaskManager();
  }

  @Override
  public void close() {
    super.close();
    flink.close();
    stopBroker.run();
  }
}
