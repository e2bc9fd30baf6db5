// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.changelog.fs.FsStateChangelogStorageFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.junit.jupiter.api.Test;

/** Tests Flink's changelog state backend over RocksDB, under exactly-once. */
class ChangelogITCase extends OnCluster {

  private static final int TOKENS = 3_000;

  /**
   * Starts a job with a changelog from the savepoint of a job without one, restores it after the
   * loss of a task manager, and goes back to a job without a changelog.
   */
  @Test
  void changelogIsSwitchedOnRestoredAndSwitchedOff() throws Exception {
    Client.Topics topics = cluster.createTopics("changelog", Map.of());
    Map<String, String> options = Traffic.exactlyOnce("changelog");
    Path savepoints = directory.resolve("savepoints");
    Traffic traffic = new Traffic(cluster, topics, 12, TOKENS, 1);

    FlinkJob without = cluster.submit(topics, options);
    traffic.send(0, TOKENS / 3);
    String before = without.stopWithSavepoint(savepoints);

    String after;
    Path log = Files.createDirectories(directory.resolve("log"));
    try (Cluster logging =
        Cluster.start(directory.resolve("logging"), cluster.bootstrapServers(), loggingTo(log))) {
      // The job must claim the savepoint. Otherwise Flink asks for a full first checkpoint, which
      // the changelog backend cannot make.
      SavepointRestoreSettings claimed =
          SavepointRestoreSettings.forPath(before, false, RecoveryClaimMode.CLAIM);
      FlinkJob job = logging.submit(topics, options, 2, claimed);
      CompletableFuture<Void> sending = traffic.sendSlowly(TOKENS / 3, TOKENS * 2 / 3);
      job.checkpoint();
      assertThat(hasFiles(log)).as("changes are logged").isTrue();
      assertThat(sending).isNotDone();
      logging.replaceTaskManager();
      sending.get(60, TimeUnit.SECONDS);
      job.awaitRunning(Duration.ofSeconds(60));
      assertThat(job.restarts()).as("restarts").isGreaterThanOrEqualTo(1);
      after = job.stopWithSavepoint(savepoints);
    }

    FlinkJob again = cluster.submit(topics, options, 3, SavepointRestoreSettings.forPath(after));
    traffic.send(TOKENS * 2 / 3, TOKENS);
    traffic.askForAll();
    traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), Duration.ofMinutes(2)));
    again.cancel();
  }

  /** Returns Flink settings with a changelog, which is materialized every two seconds. */
  private static Configuration loggingTo(Path log) {
    Configuration options = new Configuration();
    options.set(StateChangelogOptions.ENABLE_STATE_CHANGE_LOG, true);
    options.set(StateChangelogOptions.PERIODIC_MATERIALIZATION_INTERVAL, Duration.ofSeconds(2));
    FsStateChangelogStorageFactory.configure(options, log.toFile(), Duration.ofSeconds(10), 3);
    return options;
  }

  private static boolean hasFiles(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.anyMatch(Files::isRegularFile);
    }
  }
}
