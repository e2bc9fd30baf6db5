// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.run.Topics;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningTest {
  private static final HeadName FIRST = new HeadName(0, 7);
  private static final HeadName SECOND = new HeadName(3, 9);
  private static final int ROWS = 400;
  private static final int PAST = 100;
  private static final int ANCHORS = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;

  private final List<String> words = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void startsTrafficWhenTheJobAnswersFromAnchorSets() throws Exception {
    assertThatThrownBy(() -> PublishedAnchors.open(kafka.bootstrapServers()))
        .isInstanceOf(DemoException.class)
        .hasMessageContaining("attention.tokens, attention.queries, attention.outputs, ")
        .hasMessageEndingWith("Create them first.");
    for (String topic : Topics.ALL) {
      kafka.createTopic(topic, 1, Map.of());
    }

    learn(3);
    assertThat(words.get(0)).startsWith("learning anchors: ");
    assertThat(lastWords()).startsWith("no answers from anchor sets after 3 s");
    checkPast(read(Topics.TOKENS), read(Topics.QUERIES));

    // The topic is created late, and a record without a value does not count as an anchor set.
    kafka.createTopic(Topics.ANCHORS, 1, Map.of("cleanup.policy", "compact"));
    publish(FIRST, new byte[1]);
    publish(SECOND, null);
    learn(2);
    assertThat(words).noneMatch(line -> line.contains("the job prepares it"));

    publish(SECOND, new byte[1]);
    try (AnsweringJob job = new AnsweringJob(kafka.bootstrapServers())) {
      learn(60);
      assertThat(job.withoutSet()).isZero();
    }
    assertThat(words).anyMatch(line -> line.contains("the job prepares it"));
    assertThat(lastWords()).isEqualTo("every head is answered from its anchor set: traffic begins");
  }

  private String lastWords() {
    return words.get(words.size() - 1);
  }

  /** Answers queries like a job that needs some time to prepare its anchor sets. */
  private static final class AnsweringJob implements AutoCloseable {
    /** More than one round of rehearsals. */
    private static final int WITHOUT_SET = 20;

    private final AtomicInteger withoutSet = new AtomicInteger(WITHOUT_SET);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    AnsweringJob(String servers) throws Exception {
      TopicPartition queries = new TopicPartition(Topics.QUERIES, 0);
      KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              Map.of("bootstrap.servers", servers),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
      consumer.assign(List.of(queries));
      consumer.seekToEnd(List.of(queries));
      consumer.position(queries);
      thread = new Thread(() -> answer(servers, consumer));
      thread.start();
    }

    int withoutSet() {
      return withoutSet.get();
    }

    private void answer(String servers, KafkaConsumer<byte[], byte[]> queries) {
      try (queries;
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(
                  Map.of("bootstrap.servers", servers),
                  new ByteArraySerializer(),
                  new ByteArraySerializer())) {
        while (!closed.get()) {
          for (ConsumerRecord<byte[], byte[]> query : queries.poll(Duration.ofMillis(50))) {
            String id = JSON.readTree(query.value()).get("query_id").textValue();
            boolean has = withoutSet.get() == 0 || withoutSet.getAndDecrement() == 0;
            String answer =
                "{\"query_id\":\"%s\",\"tokens\":1,\"outputs\":[],\"error\":[],\"exact\":false,\"timed_out\":false,\"anchors_version\":%s}"
                    .formatted(id, has ? "1" : "null");
            byte[] record = answer.getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(Topics.OUTPUTS, query.key(), record));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws InterruptedException {
      closed.set(true);
      thread.join();
    }
  }

  @Test
  void reportsTheRemainingTime() {
    Learning learning = learning(Duration.ofSeconds(9), 6_400);

    // 500 sessions for each of 2 heads, at 40 sessions per second.
    assertThat(learning.progress(10, 0, 0))
        .isEqualTo("learning anchors: sending sessions of the past, 15 s left");
    assertThat(learning.progress(30, 0, 0))
        .isEqualTo("learning anchors: 0 of 2 heads have their set, 5 s so far");
    assertThat(learning.progress(33, 1, 33))
        .isEqualTo("learning anchors: 1 of 2 heads have their set, about 8 s left");
    assertThat(learning.progress(38, 1, 33)).endsWith("have their set, about 3 s left");
    assertThat(learning.progress(90, 1, 33)).endsWith("have their set, about 1 s left");
  }

  @Test
  void reportsAnInvalidBrokerAddress() {
    assertThatThrownBy(() -> PublishedAnchors.open("nonsense"))
        .isInstanceOf(DemoException.class)
        .hasMessageContaining("--bootstrap-server nonsense: Invalid url");
  }

  private void learn(int seconds) throws Exception {
    float[] numbers = new float[ROWS];
    IntStream.range(0, ROWS).forEach(row -> numbers[row] = row);
    HeadRows rows = new HeadRows(ROWS, 1, numbers, numbers, numbers);
    try (PublishedAnchors published = PublishedAnchors.open(kafka.bootstrapServers());
        Sender sender = new Sender(kafka.bootstrapServers(), Map.of(FIRST, rows, SECOND, rows));
        Replies replies = Replies.fromNowOn(kafka.bootstrapServers())) {
      words.clear();
      learning(Duration.ofSeconds(seconds), ANCHORS).run(sender, published, replies);
    }
  }

  private Learning learning(Duration patience, int anchors) {
    return new Learning(List.of(FIRST, SECOND), anchors, PAST, patience, 7, words::add);
  }

  /** Checks for at least two query vectors and four keys per anchor, all from past rows. */
  private static void checkPast(List<JsonNode> tokens, List<JsonNode> queries) {
    for (HeadName head : List.of(FIRST, SECOND)) {
      assertThat(of(head, tokens)).hasSizeGreaterThanOrEqualTo(4 * ANCHORS);
      assertThat(of(head, queries).stream().mapToInt(query -> query.get("queries").size()).sum())
          .isGreaterThanOrEqualTo(2 * ANCHORS);
    }
    Stream<JsonNode> asked =
        queries.stream()
            .flatMap(query -> IntStream.range(0, 32).mapToObj(query.get("queries")::get));
    assertThat(Stream.concat(asked, tokens.stream().map(token -> token.get("key"))))
        .allMatch(vector -> vector.get(0).doubleValue() < PAST);
  }

  private static List<JsonNode> of(HeadName head, List<JsonNode> records) {
    return records.stream()
        .filter(record -> record.get("head").textValue().equals(head.toString()))
        .toList();
  }

  private static void publish(HeadName head, byte[] set) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] key = head.toString().getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(Topics.ANCHORS, key, set)).get();
    }
  }

  private static List<JsonNode> read(String topic) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
    List<JsonNode> records = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(200))) {
          records.add(JSON.readTree(found.value()));
        }
      }
    }
    return records;
  }
}
