// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onepass.it.Written;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Sends records to the topics of one job and reads what the job writes. Each topic has one
 * partition, so the job reads the records of a topic in the order in which they were sent.
 */
final class Conversation implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);

  /** Old timestamps must not make brokers delete records. */
  private static final Map<String, String> KEEP = Map.of("retention.ms", "-1");

  private final String name;
  private final GoldenCluster cluster;
  private final Client client;
  private final KafkaConsumer<byte[], byte[]> consumer;

  private final List<JsonNode> replies = new ArrayList<>();
  private final List<Step.Letter> letters = new ArrayList<>();

  /** What all dead letters of this conversation say, to explain a failure. */
  private final List<String> errors = new ArrayList<>();

  private int sets;
  private int marks;

  /** Creates the topics of a job. */
  Conversation(GoldenCluster cluster, String name) throws Exception {
    this.cluster = cluster;
    this.name = name;
    client = new Client(cluster.bootstrapServers());
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", cluster.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    client.createTopic(topic("tokens"), KEEP);
    client.createTopic(topic("queries"), KEEP);
    client.createTopic(topic("outputs"), KEEP);
    client.createTopic(topic("dead-letters"), KEEP);
    client.createTopic(topic("anchors"), Map.of("cleanup.policy", "compact"));
    List<TopicPartition> read =
        List.of(
            new TopicPartition(topic("outputs"), 0),
            new TopicPartition(topic("dead-letters"), 0),
            new TopicPartition(topic("anchors"), 0));
    consumer.assign(read);
    consumer.seekToBeginning(read);
  }

  private String topic(String what) {
    return name + "." + what;
  }

  /** Returns the job's options that name the topics. */
  Map<String, String> options() {
    Map<String, String> options = new HashMap<>();
    for (String what : List.of("tokens", "queries", "outputs", "dead-letters", "anchors")) {
      options.put("topics." + what, topic(what));
    }
    return options;
  }

  /** Deletes the tokens topic and creates it again. */
  void renewTokens() throws Exception {
    client.deleteTopic(topic("tokens"));
    client.createTopic(topic("tokens"), KEEP);
  }

  /** Deletes the topics, so that others of the same names can be created. */
  void deleteTopics() throws Exception {
    for (String topic : options().values()) {
      client.deleteTopic(topic);
    }
  }

  /** Writes a record of the anchors topic, and waits until it is there. No step counts it. */
  void publish(String head, byte[] set) throws Exception {
    client.send(topic("anchors"), Records.bytes(head), set).get();
    await(0, 0, sets + 1);
    sets--;
  }

  /**
   * Sends the records of a step and waits until the job has written as much as the step says.
   *
   * @return the step with what the job has written
   */
  Step play(Step step) throws IOException {
    for (Step.Sent sent : step.sent()) {
      byte[] value = sent.value() == null ? null : Records.bytes(sent.value());
      client.send(
          new ProducerRecord<>(
              topic(sent.topic()), null, sent.timestamp(), Records.bytes(sent.key()), value));
    }
    client.flush();
    await(step.replies().size(), step.letters().size(), step.sets());
    Step heard = new Step(step.sent(), replies, letters, sets);
    replies.clear();
    letters.clear();
    sets = 0;
    return heard;
  }

  /**
   * Waits until answers of a sequence say that tokens may be missing.
   *
   * @param head of the sequence, or null for the only one
   */
  void awaitMark(String sequence, String head) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      ObjectNode stats = Records.stats("mark-" + marks++);
      if (head != null) {
        stats.put("head", head);
      }
      client.send(topic("queries"), Records.bytes(sequence), Records.bytes(stats));
      client.flush();
      await(1, 0, 0);
      JsonNode reply = replies.remove(0);
      if (reply.path("incomplete").booleanValue()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not marked as incomplete: " + reply);
      }
    }
  }

  /** Returns replies and dead letters that no step waited for. */
  List<String> unexpected() throws IOException {
    poll();
    List<String> unexpected = new ArrayList<>();
    replies.forEach(reply -> unexpected.add(reply.toString()));
    letters.forEach(letter -> unexpected.add(letter.toString()));
    return unexpected;
  }

  private void await(int replyCount, int letterCount, int setCount) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (replies.size() < replyCount || letters.size() < letterCount || sets < setCount) {
      poll();
      cluster.failIfEnded();
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "expected %d replies, %d dead letters and %d anchor sets, got %s, %s and %d anchor sets; dead letters so far: %s"
                .formatted(replyCount, letterCount, setCount, replies, letters, sets, errors));
      }
    }
  }

  private void poll() throws IOException {
    // Open transactions count: the next checkpoint is far away.
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      if (record.topic().equals(topic("outputs"))) {
        replies.add(Records.parse(record.value()));
      } else if (record.topic().equals(topic("anchors"))) {
        sets++;
      } else {
        String error = Written.error(record);
        errors.add(error);
        letters.add(
            new Step.Letter(
                new String(record.key(), StandardCharsets.UTF_8), error.split("[: ]")[0]));
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
    client.close();
  }
}
