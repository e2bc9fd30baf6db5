// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests the loss of a task manager in the middle of the stream, under exactly-once. */
class FailoverITCase extends OnCluster {

  private static final int TOKENS = 3_000;

  @Test
  void noAnswerIsLostOrDuplicated() throws Exception {
    Client.Topics topics = cluster.createTopics("failover", Map.of());
    FlinkJob job = cluster.submit(topics, Traffic.exactlyOnce("failover"));
    Traffic traffic = new Traffic(cluster, topics, 12, TOKENS, 1);
    traffic.send(0, TOKENS / 3);
    CompletableFuture<Void> sending = traffic.sendSlowly(TOKENS / 3, TOKENS);
    // At this point some answers are committed and others are in flight.
    cluster.read(topics.outputs(), Duration.ofSeconds(60), soFar -> !soFar.isEmpty());
    assertThat(sending).isNotDone();
    cluster.replaceTaskManager();
    sending.get(60, TimeUnit.SECONDS);
    traffic.askForAll();

    traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), Duration.ofMinutes(2)));
    assertThat(job.restarts()).as("restarts").isGreaterThanOrEqualTo(1);
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(2), soFar -> false)).isEmpty();
    job.cancel();
  }
}
