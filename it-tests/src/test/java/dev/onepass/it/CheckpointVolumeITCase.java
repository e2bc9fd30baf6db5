// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests a checkpoint volume that is full for a while, under at-least-once. */
@Timeout(300)
class CheckpointVolumeITCase {

  private static final int TOKENS = 600;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path directory;

  private static EmbeddedKafka kafka;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @Test
  void answersContinueWhileTheVolumeIsFull() throws Exception {
    Path volume = Files.createDirectories(directory.resolve("default-volume"));
    try (Cluster cluster = start("default", settings(volume))) {
      Client.Topics topics = cluster.createTopics("default", Map.of());
      Traffic traffic = new Traffic(cluster, topics, 4, TOKENS, 31);
      FlinkJob job = cluster.submit(topics, Traffic.OPTIONS);
      job.checkpoint();

      FullVolume.fill(volume);
      traffic.send(0, TOKENS);
      traffic.askForAll();
      Awaitility.await("checkpoints fail")
          .atMost(PATIENCE)
          .until(() -> job.failedCheckpoints() > 4);
      traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
      FullVolume.free(volume);
      Awaitility.await("a checkpoint completes")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> job.checkpoint() != null);

      traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
      assertThat(job.restarts()).isZero();
      job.cancel();
    }
  }

  /** Checks that the test above would notice Flink's default, which tolerates no failure. */
  @Test
  void aJobThatToleratesNoFailedCheckpointRestarts() throws Exception {
    Path volume = Files.createDirectories(directory.resolve("none-volume"));
    Configuration settings = settings(volume).set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, 0);
    try (Cluster cluster = start("none", settings)) {
      Client.Topics topics = cluster.createTopics("none", Map.of());
      FlinkJob job = cluster.submit(topics, Traffic.OPTIONS);
      job.checkpoint();

      FullVolume.fill(volume);
      Awaitility.await("a restart").atMost(PATIENCE).until(() -> job.restarts() > 0);
      FullVolume.free(volume);
      job.cancel();
    }
  }

  private static Cluster start(String name, Configuration settings) throws Exception {
    return Cluster.start(directory.resolve(name), kafka.bootstrapServers(), settings);
  }

  private static Configuration settings(Path volume) {
    return new Configuration()
        .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, FullVolume.uri(volume))
        // Makes tasks write separate files, as they do when there is more state.
        .set(CheckpointingOptions.FS_SMALL_FILE_THRESHOLD, MemorySize.ZERO)
        .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300))
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
  }
}
