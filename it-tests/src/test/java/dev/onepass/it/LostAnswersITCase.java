// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.ChildProcess;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests answers whose transactions were prepared by a checkpoint and are not yet committed when the
 * task managers are killed. After a savepoint of a running job this state lasts until the next
 * checkpoint, so the tests use savepoints.
 */
@Timeout(600)
class LostAnswersITCase {

  private static final int QUERIES = 24;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Pattern COMMAND = Pattern.compile("AskAgain --config job.yaml (.*)");

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static ProcessCluster cluster;
  private static FlinkProcesses flink;
  private static Client client;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster =
        ProcessCluster.start(
            PROCESSES,
            1,
            Map.of(
                "metrics.fetcher.update-interval", "500",
                "execution.checkpointing.interval", "8s",
                "execution.checkpointing.timeout", "6s",
                "execution.checkpointing.tolerable-failed-checkpoints", "100"));
    flink = cluster.flink();
    client = cluster.client();
  }

  @AfterEach
  void cancelJobs() throws IOException {
    for (String job : flink.rest().jobs()) {
      flink.cancel(job);
    }
  }

  @AfterAll
  static void closeClient() {
    cluster.close();
  }

  /**
   * Lets the broker abort transactions at their timeout. The job must count the lost answers and
   * log a command, and that command must bring the answers.
   */
  @Test
  void abortedAnswersAreReportedAndAskedAgain() throws Exception {
    Client.Topics topics = client.createTopics("aborted", Map.of());
    Path options = jobFile("aborted", topics, "15 s");
    String first = cluster.run(options, "-p", "2");
    tokens(topics);
    ask(topics, "before");
    assertThat(answers(topics, QUERIES)).hasSize(QUERIES);
    // The next checkpoint would commit the answers, so the queries are sent right after one.
    awaitNextCheckpoint(first);
    ask(topics, "lost");
    client.awaitUncommitted(topics.outputs(), 2 * QUERIES, PATIENCE);
    String savepoint = flink.savepoint(first);
    flink.aliveTaskManagers().forEach(ChildProcess::kill);
    flink.cancel(first);
    client.awaitNoOpenTransaction(topics.outputs(), PATIENCE);
    flink.startTaskManager();
    flink.awaitTaskManagers(1);

    String second = cluster.run(options, "-p", "2", "-s", savepoint);
    Awaitility.await("lost answers are counted")
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> flink.rest().sum(second, "onepass.lostAnswers").orElse(0),
            lost -> lost == QUERIES);
    assertThat(flink.rest().sum(second, "onepass.lostTransactions").getAsLong()).isBetween(1L, 2L);
    assertThat(Written.queryIds(answers(topics, QUERIES))).allMatch(id -> id.startsWith("before"));

    List<String> commands = commands(log());
    assertThat(commands).isNotEmpty();
    for (String arguments : commands) {
      assertThat(askAgain(options, arguments)).contains("answered");
    }
    assertThat(Written.queryIds(answers(topics, 2 * QUERIES)))
        .hasSize(2 * QUERIES)
        .doesNotHaveDuplicates();
    // The second time, every query has an answer.
    for (String arguments : commands) {
      assertThat(askAgain(options, arguments)).contains(" 0 asked again now");
    }
  }

  /**
   * Restores a savepoint whose transactions have been committed since. Later transactions reuse
   * their ids, and the job must not report lost answers.
   */
  @Test
  void committedAnswersAreNotReportedAsLost() throws Exception {
    Client.Topics topics = client.createTopics("committed", Map.of());
    Path options = jobFile("committed", topics, "10 min");
    String first = cluster.run(options, "-p", "2");
    tokens(topics);
    awaitNextCheckpoint(first);
    ask(topics, "first");
    client.awaitUncommitted(topics.outputs(), QUERIES, PATIENCE);
    String savepoint = flink.savepoint(first);
    assertThat(answers(topics, QUERIES)).hasSize(QUERIES);
    for (int i = 1; i <= 3; i++) {
      ask(topics, "more-" + i);
      assertThat(answers(topics, (i + 1) * QUERIES)).hasSize((i + 1) * QUERIES);
    }
    flink.cancel(first);

    String second = cluster.run(options, "-p", "2", "-s", savepoint);
    Awaitility.await("the log names the committed transactions")
        .atMost(PATIENCE)
        .until(() -> log().contains("was already committed"));
    assertThat(log().lines().filter(line -> line.contains("Transaction committed-")))
        .noneMatch(line -> line.contains("AskAgain"));
    assertThat(flink.rest().sum(second, "onepass.lostAnswers").orElse(0)).isZero();
  }

  private static String askAgain(Path options, String arguments) throws IOException {
    return PROCESSES.run(
        "ask-again-" + System.nanoTime(),
        flink.java(
            JobFile.JAR, "dev.onepass.job.cli.AskAgain", "--config " + options + " " + arguments),
        Map.of(),
        PATIENCE);
  }

  private static void awaitNextCheckpoint(String job) throws IOException {
    long before = flink.rest().completedCheckpoints(job);
    Awaitility.await("a checkpoint")
        .atMost(PATIENCE)
        .until(() -> flink.rest().completedCheckpoints(job) > before);
  }

  private static void tokens(Client.Topics topics) {
    for (int s = 0; s < 6; s++) {
      client.sendToken(topics, new Vectors("s" + s, 1, 2, 2, 1, s), 0);
    }
    client.flush();
  }

  private static void ask(Client.Topics topics, String name) {
    for (int q = 0; q < QUERIES; q++) {
      byte[] query = Records.bytes(Records.query(name + q, 1, new float[2]));
      client.send(topics.queries(), Records.bytes("s" + q % 6), query);
    }
    client.flush();
  }

  private static List<ConsumerRecord<byte[], byte[]>> answers(Client.Topics topics, int count) {
    return client.readExactly(topics.outputs(), count, PATIENCE);
  }

  private static String log() {
    List<ChildProcess> taskManagers = flink.aliveTaskManagers();
    return taskManagers.get(taskManagers.size() - 1).output();
  }

  private static List<String> commands(String log) {
    Set<String> commands = new TreeSet<>();
    Matcher command = COMMAND.matcher(log);
    while (command.find()) {
      commands.add(command.group(1));
    }
    return List.copyOf(commands);
  }

  private static Path jobFile(String name, Client.Topics topics, String transactionTimeout)
      throws IOException {
    return cluster.jobFile(
        name,
        topics,
        Map.of(
            "sketch.type",
            "exact",
            "sketch.key-dim",
            "2",
            "kafka.delivery-guarantee",
            "exactly-once",
            "kafka.transaction-timeout",
            transactionTimeout,
            "kafka.transactional-id-prefix",
            name));
  }
}
