// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.testkit.embedded.EmbeddedFlink;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.files.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A broker and a Flink cluster with RocksDB, in this JVM and in a temporary directory. */
public final class Servers implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(1);

  private final Path directory;
  private final EmbeddedKafka kafka;
  private final EmbeddedFlink flink;
  private final Admin admin;
  private final int parallelism;

  private Servers(
      Path directory, EmbeddedKafka kafka, EmbeddedFlink flink, Admin admin, int parallelism) {
    this.directory = directory;
    this.kafka = kafka;
    this.flink = flink;
    this.admin = admin;
    this.parallelism = parallelism;
  }

  /**
   * Starts both.
   *
   * @param more Flink options that override the defaults set here
   */
  public static Servers start(int parallelism, MemorySize managedMemory, Configuration more)
      throws IOException {
    Path directory = Files.createTempDirectory("onepass-load");
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    Configuration settings = new Configuration();
    settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, managedMemory);
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(10));
    settings.addAll(JobMetrics.reporter());
    settings.addAll(more);
    EmbeddedFlink flink;
    try {
      flink = EmbeddedFlink.start(directory.resolve("flink"), parallelism, 0, settings);
    } catch (IOException e) {
      kafka.close();
      throw e;
    }
    Admin admin =
        Admin.create(
            Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
    return new Servers(directory, kafka, flink, admin, parallelism);
  }

  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** Returns a directory for files of measurements. */
  Path directory() {
    return directory;
  }

  public int parallelism() {
    return parallelism;
  }

  /** Creates topics with one partition for each subtask and waits until they are visible. */
  public void createTopics(Collection<String> names) throws IOException {
    for (String name : names) {
      kafka.createTopic(name, parallelism, Map.of());
    }
    long deadline = System.nanoTime() + START.toNanos();
    while (!areKnown(names)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the broker did not make the topics visible: " + names);
      }
    }
  }

  private boolean areKnown(Collection<String> names) throws IOException {
    try {
      return admin.describeTopics(names).allTopicNames().get().values().stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.leader() != null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while topics were created", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw new IOException("cannot look for topics: " + e.getMessage(), e);
    }
  }

  public void deleteTopics(Collection<String> names) throws IOException {
    try {
      admin.deleteTopics(List.copyOf(names)).all().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while deleting topics", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot delete topics: " + e.getMessage(), e);
    }
  }

  /** Starts a job. */
  public FlinkJob run(Consumer<StreamExecutionEnvironment> job) throws IOException {
    StreamExecutionEnvironment environment = new StreamExecutionEnvironment(flink.configuration());
    environment.setParallelism(parallelism);
    job.accept(environment);
    FlinkJob running = flink.submit(environment.getStreamGraph().getJobGraph());
    running.awaitRunning(START);
    return running;
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
    flink.close();
    kafka.close();
    Directories.delete(directory);
  }
}
