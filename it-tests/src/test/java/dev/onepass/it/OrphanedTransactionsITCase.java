// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.ChildProcess;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Checks that a job which is restored from the state of a killed job commits the transactions of
 * that state and ends all others that the killed job left open.
 */
@Timeout(300)
class OrphanedTransactionsITCase {

  /** Enough sequences for every subtask to write answers in each round. */
  private static final int SEQUENCES = 32;

  /** Far below {@code kafka.transaction-timeout}, at which brokers abort transactions. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static ProcessCluster cluster;
  private static FlinkProcesses flink;
  private static Client client;
  private static Admin admin;

  private Client.Topics topics;
  private String job;
  private final List<String> asked = new ArrayList<>();

  @BeforeAll
  static void startCluster() throws Exception {
    cluster =
        ProcessCluster.start(
            PROCESSES,
            2,
            Map.of(
                // The interval is long because the test triggers all checkpoints.
                "execution.checkpointing.interval", "5min",
                "execution.checkpointing.timeout", "5min",
                "execution.checkpointing.num-retained", "5",
                "execution.checkpointing.externalized-checkpoint-retention",
                    "RETAIN_ON_CANCELLATION"));
    flink = cluster.flink();
    client = cluster.client();
    admin = Admin.create(Map.of("bootstrap.servers", client.bootstrapServers()));
  }

  @AfterAll
  static void closeClients() {
    admin.close(Duration.ofSeconds(1));
    cluster.close();
  }

  @AfterEach
  void stop() throws Exception {
    flink.cancel(job);
  }

  /**
   * Restores an older checkpoint. Later transactions have reused the ids of its transactions, and
   * nothing else would end them.
   */
  @Test
  void transactionsAfterAnOlderCheckpointAreEnded() throws Exception {
    start("older");
    answer("first");
    String older = flink.checkpoint(job);
    answer("second");
    flink.checkpoint(job);
    answer("third");
    Set<String> orphans = open("older-");
    assertThat(orphans).as("one transaction for each subtask").hasSize(4);
    try (KafkaProducer<byte[], byte[]> other = beginTransaction("older-1-0-0")) {
      kill();

      resume("older", older, 2);

      assertThat(committed()).containsAll(asked);
      // A job whose prefix only begins like this one's, and which writes to the same topic, keeps
      // its transaction.
      other.commitTransaction();
    }
    assertThat(open("older-")).doesNotContainAnyElementsOf(orphans);
  }

  /**
   * Restores a savepoint of a running job. Such a savepoint commits nothing, so the restored job
   * has to commit its transactions.
   */
  @Test
  void transactionsOfTheRestoredStateAreCommitted() throws Exception {
    start("promised");
    answer("first");
    String savepoint = flink.savepoint(job);
    assertThat(client.read(topics.outputs(), Duration.ofSeconds(2), soFar -> false)).isEmpty();
    answer("second");
    assertThat(open("promised-"))
        .as("one prepared and one open transaction for each subtask")
        .hasSize(8);
    kill();

    resume("promised", savepoint, 2);

    assertThat(committed()).containsExactlyInAnyOrderElementsOf(asked);
  }

  private void start(String name) throws Exception {
    flink.awaitTaskManagers(2);
    topics = client.createTopics(name, Map.of());
    job = run(name, "-p", "4");
  }

  private void resume(String name, String from, int parallelism) throws Exception {
    job = run(name, "-s", from, "-p", Integer.toString(parallelism));
  }

  private String run(String name, String... how) throws Exception {
    return cluster.run(cluster.jobFile(name, topics, Traffic.exactlyOnce(name)), how);
  }

  /** Sends a query to every sequence, and waits until the answers are written. */
  private void answer(String round) {
    for (int i = 0; i < SEQUENCES; i++) {
      String id = round + i;
      asked.add(id);
      client.send(
          topics.queries(),
          Records.bytes("s" + i),
          Records.bytes(Records.query(id, 0, new float[4])));
    }
    client.flush();
    List<ConsumerRecord<byte[], byte[]>> written =
        client.readUncommitted(
            topics.outputs(), PATIENCE, soFar -> Written.queryIds(soFar).containsAll(asked));
    assertThat(Written.queryIds(written)).containsAll(asked);
  }

  /** Kills all task managers, so that none can end its transaction, and starts new ones. */
  private void kill() throws Exception {
    flink.aliveTaskManagers().forEach(ChildProcess::kill);
    flink.cancel(job);
    flink.startTaskManager();
    flink.startTaskManager();
    flink.awaitTaskManagers(2);
  }

  /** Waits until every query has a committed answer, and returns the ids of these queries. */
  private List<String> committed() throws Exception {
    // Each sequence is answered in order, so all earlier queries are answered before these.
    answer("last");
    flink.checkpoint(job);
    return Written.queryIds(
        client.read(
            topics.outputs(), PATIENCE, soFar -> Written.queryIds(soFar).containsAll(asked)));
  }

  /** Returns the ids of open transactions with a prefix. */
  private static Set<String> open(String prefix) throws Exception {
    return admin
        .listTransactions(
            new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
        .all()
        .get()
        .stream()
        .map(TransactionListing::transactionalId)
        .filter(id -> id.startsWith(prefix))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Begins a transaction of another job that writes to the same dead-letters topic. */
  private KafkaProducer<byte[], byte[]> beginTransaction(String id) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", client.bootstrapServers());
    properties.put("transactional.id", id);
    properties.put("transaction.timeout.ms", "600000");
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topics.deadLetters(), new byte[1], new byte[1]));
    producer.flush();
    return producer;
  }
}
