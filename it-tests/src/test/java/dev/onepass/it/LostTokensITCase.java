// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.logging.log4j.core.LoggerContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a job does about tokens that were deleted before it read them. */
class LostTokensITCase {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Map<String, String> OPTIONS =
      Map.of(
          "sketch.type", "exact",
          "sketch.key-dim", "2",
          "sketch.state-size", "64KiB",
          "as-of.timeout", "10 min");

  private static final Pattern TOPIC_MISSING =
      Pattern.compile("Cannot describe topic recreated.tokens: .*UnknownTopicOrPartition.*");

  @TempDir static Path directory;

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();
  private static final SourceWarnings WARNINGS = new SourceWarnings();
  private static EmbeddedKafka kafka;
  private static Cluster cluster;
  private static Admin admin;

  @BeforeAll
  static void start() throws Exception {
    WARNINGS.start(LoggerContext.getContext(false));
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    Configuration options = new Configuration();
    METRICS.addToConfiguration(options);
    cluster = Cluster.start(directory, kafka.bootstrapServers(), options);
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    admin.close(Duration.ZERO);
    cluster.close();
    kafka.close();
    WARNINGS.stop(LoggerContext.getContext(false));
  }

  private static FlinkJob submit(Client.Topics topics, String savepoint, String... more)
      throws IOException {
    Map<String, String> options = new HashMap<>(OPTIONS);
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return cluster.submit(
        topics,
        options,
        1,
        savepoint == null
            ? SavepointRestoreSettings.none()
            : SavepointRestoreSettings.forPath(savepoint));
  }

  private static Vectors tokens(String sequence) {
    return new Vectors(sequence, 100, 2, 2, 1, 7);
  }

  private static void send(Client.Topics topics, Vectors vectors, int from, int to) {
    for (int j = from; j < to; j++) {
      cluster.sendToken(topics, vectors, j);
    }
    cluster.flush();
  }

  /** Asks for an answer over the first {@code count} tokens, and checks that it arrives. */
  private static void awaitTokens(Client.Topics topics, Vectors vectors, String id, int count) {
    JsonNode answer = answer(topics, vectors, id, count);
    assertThat(answer.get("tokens").intValue()).as(id).isEqualTo(count);
    assertThat(answer.get("timed_out").booleanValue()).as(id).isFalse();
  }

  private static boolean isIncomplete(Client.Topics topics, Vectors vectors, String id) {
    return answer(topics, vectors, id, 0).has("incomplete");
  }

  private static JsonNode answer(Client.Topics topics, Vectors vectors, String id, int count) {
    cluster.send(
        topics.queries(),
        Records.bytes(vectors.sequence),
        Records.bytes(Records.query(id, count, vectors.key(0))));
    cluster.flush();
    return cluster
        .read(
            topics.outputs(),
            PATIENCE,
            outputs ->
                outputs.stream().anyMatch(output -> id.equals(text(output.value(), "query_id"))))
        .stream()
        .map(output -> Records.parse(output.value()))
        .filter(output -> output.get("query_id").textValue().equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no answer to " + id));
  }

  /**
   * Waits for an answer with the mark {@code incomplete}. A hole travels in parallel with the
   * tokens, so the mark may come a moment later than the tokens.
   */
  private static void awaitIncomplete(Client.Topics topics, Vectors vectors) {
    AtomicInteger asked = new AtomicInteger();
    Awaitility.await("answers are marked")
        .atMost(PATIENCE)
        .until(() -> isIncomplete(topics, vectors, "marked-" + asked.incrementAndGet()));
  }

  private static String text(byte[] json, String field) {
    return Records.parse(json).get(field).textValue();
  }

  private static String stop(FlinkJob job) throws Exception {
    return job.stopWithSavepoint(directory.resolve("savepoints"));
  }

  private static TopicPartition partitionWithRecords(String topic) throws Exception {
    for (int partition = 0; partition < 3; partition++) {
      TopicPartition candidate = new TopicPartition(topic, partition);
      long end =
          admin
              .listOffsets(Map.of(candidate, OffsetSpec.latest()))
              .partitionResult(candidate)
              .get()
              .offset();
      if (end > 0) {
        return candidate;
      }
    }
    throw new AssertionError("topic " + topic + " is empty");
  }

  private static void deleteBefore(String topic, long offset) throws Exception {
    admin
        .deleteRecords(Map.of(partitionWithRecords(topic), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  private static void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    Awaitility.await().atMost(PATIENCE).until(() -> !cluster.topics().contains(topic));
  }

  private static void create(String topic) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
  }

  private static long count(FlinkJob job, String name) {
    return METRICS.findMetrics(job.id(), ".*onepass\\." + name).values().stream()
        .mapToLong(metric -> ((Counter) metric).getCount())
        .sum();
  }

  @Test
  void deletedTokensAreReportedOrStopTheJob() throws Exception {
    Client.Topics topics = cluster.createTopics("lost", Map.of());
    Vectors vectors = tokens("lost");
    FlinkJob first = submit(topics, null);
    send(topics, vectors, 0, 50);
    awaitTokens(topics, vectors, "first", 50);
    String savepoint = stop(first);
    send(topics, vectors, 50, 100);
    deleteBefore(topics.tokens(), 75);

    String deleted = "Kafka deleted 25 records, offsets 50 to 74, before they were read";
    assertThat(failureOf(topics, savepoint))
        .contains("topic lost.tokens, partition ")
        .contains(deleted)
        .contains("set kafka.lost-records to continue");

    FlinkJob second = submit(topics, savepoint);
    awaitTokens(topics, vectors, "second", 75);
    awaitIncomplete(topics, vectors);
    // Sequences that began after the hole, in all partitions, are complete.
    for (int i = 0; i < 6; i++) {
      Vectors young = tokens("young-" + i);
      send(topics, young, 0, 3);
      awaitTokens(topics, young, young.sequence, 3);
      assertThat(isIncomplete(topics, young, "whole-" + i)).as(young.sequence).isFalse();
    }
    assertThat(count(second, "lostRecords")).isEqualTo(25);
    assertThat(WARNINGS.about("lost.tokens"))
        .singleElement()
        .satisfies(
            sentence -> assertThat(sentence).contains(deleted).contains("continues at offset 75"));
    second.cancel();

    FlinkJob fresh = submit(topics, null, "kafka.lost-records", "fail");
    awaitTokens(topics, vectors, "fresh", 25);
    assertThat(isIncomplete(topics, vectors, "fresh-marked")).isFalse();
    assertThat(count(fresh, "lostRecords")).isZero();
    assertThat(fresh.restarts()).isZero();
    fresh.cancel();
  }

  /** Returns why a job with {@code kafka.lost-records: fail} failed, after all its restarts. */
  private static String failureOf(Client.Topics topics, String savepoint) {
    try {
      FlinkJob job = submit(topics, savepoint, "kafka.lost-records", "fail");
      Awaitility.await().atMost(PATIENCE).until(() -> job.failure().isPresent());
      return job.failure().orElseThrow();
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Test
  void deletedTransactionMarkersAreNotLostTokens() throws Exception {
    Client.Topics topics = cluster.createTopics("markers", Map.of());
    Vectors vectors = tokens("markers");
    Map<String, Object> properties =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "markers");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (int j = 0; j < 50; j++) {
        producer.send(
            new ProducerRecord<>(
                topics.tokens(),
                Records.bytes(vectors.sequence),
                Records.bytes(Records.token(vectors, j))));
      }
      producer.commitTransaction();
    }
    FlinkJob first = submit(topics, null);
    awaitTokens(topics, vectors, "first", 50);
    String savepoint = stop(first);
    deleteBefore(topics.tokens(), 51);

    FlinkJob second = submit(topics, savepoint, "kafka.lost-records", "fail");
    send(topics, vectors, 50, 60);
    awaitTokens(topics, vectors, "second", 60);
    assertThat(isIncomplete(topics, vectors, "none")).isFalse();
    assertThat(count(second, "lostRecords")).isZero();
    second.cancel();
  }

  @Test
  void recreatedTopicIsReadFromItsBeginning() throws Exception {
    Client.Topics topics = cluster.createTopics("recreated", Map.of());
    Vectors vectors = tokens("recreated");
    FlinkJob first = submit(topics, null);
    send(topics, vectors, 0, 20);
    awaitTokens(topics, vectors, "before", 20);

    delete(topics.tokens());
    // Waits until the job has noticed that the topic is missing.
    Awaitility.await().atMost(PATIENCE).until(() -> WARNINGS.match(TOPIC_MISSING));
    create(topics.tokens());
    // The new topic gets more tokens than the job had read from the old one.
    send(topics, vectors, 20, 60);
    awaitTokens(topics, vectors, "running", 60);
    awaitIncomplete(topics, vectors);
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(count(first, "topicsMadeAnew")).isEqualTo(1));
    assertThat(first.restarts()).isZero();
    String savepoint = stop(first);

    delete(topics.tokens());
    create(topics.tokens());
    // The new topic gets fewer tokens than the job had read from the old one.
    send(topics, vectors, 60, 90);
    FlinkJob second = submit(topics, savepoint);
    awaitTokens(topics, vectors, "restored", 90);
    assertThat(count(second, "topicsMadeAnew")).isEqualTo(1);
    second.cancel();
  }
}
