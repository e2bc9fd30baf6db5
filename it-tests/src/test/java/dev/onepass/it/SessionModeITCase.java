// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the job under exactly-once on a session cluster of processes, with Flink's client. */
@Timeout(180)
class SessionModeITCase {

  private static final int TOKENS = 1_500;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static ProcessCluster cluster;
  private static FlinkProcesses flink;
  private static Client client;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = ProcessCluster.start(PROCESSES, 2, Map.of());
    flink = cluster.flink();
    client = cluster.client();
  }

  @AfterAll
  static void closeClient() {
    cluster.close();
  }

  @Test
  void savepointResumesAtAnotherParallelism() throws Exception {
    Client.Topics topics = client.createTopics("rescaled", Map.of());
    Path file = cluster.jobFile("rescaled", topics, Traffic.exactlyOnce("rescaled"));
    Traffic traffic = new Traffic(client, topics, 8, TOKENS, 11);
    String first = cluster.run(file, "-p", "2");
    traffic.send(0, TOKENS / 2 + 7);
    // These queries wait in state for tokens that are sent after the savepoint.
    traffic.askForAll();
    int due = traffic.asked() - 8;
    assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= due))
        .hasSize(due);

    String savepoint = flink.stop(first);
    assertThat(flink.rest().status(first)).isEqualTo("FINISHED");
    String second = cluster.run(file, "-s", savepoint, "-p", "4");
    traffic.send(TOKENS / 2 + 7, TOKENS);

    checkAnswers(topics, traffic);
    flink.cancel(second);
  }

  @Test
  void noAnswerIsLostOrDuplicatedWhenATaskManagerIsKilled() throws Exception {
    Client.Topics topics = client.createTopics("killed", Map.of());
    Traffic traffic = new Traffic(client, topics, 8, TOKENS, 12);
    Path file = cluster.jobFile("killed", topics, Traffic.exactlyOnce("killed"));
    String job = cluster.run(file, "-p", "2");
    CompletableFuture<Void> sending = traffic.sendSlowly(0, TOKENS);
    // At this point some answers are committed and others are in flight.
    assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= 50))
        .hasSizeGreaterThanOrEqualTo(50);
    assertThat(sending).isNotDone();
    flink.aliveTaskManagers().get(0).kill();
    flink.startTaskManager();
    sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    traffic.askForAll();

    checkAnswers(topics, traffic);
    assertThat(flink.rest().wasRestarted(job)).isTrue();
    flink.cancel(job);
    flink.awaitTaskManagers(2);
  }

  private static void checkAnswers(Client.Topics topics, Traffic traffic) {
    traffic.check(client.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
    assertThat(client.read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> false)).isEmpty();
  }
}
