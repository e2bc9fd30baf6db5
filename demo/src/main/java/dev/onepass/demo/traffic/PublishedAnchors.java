// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import dev.onepass.demo.run.DemoException;
import dev.onepass.demo.run.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads from the anchors topic which heads have an anchor set. */
public final class PublishedAnchors implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration SETTLING = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<String, byte[]> consumer;
  private final Set<String> heads = new HashSet<>();

  private PublishedAnchors(KafkaConsumer<String, byte[]> consumer) {
    this.consumer = consumer;
  }

  /**
   * Starts to read the topic from its beginning.
   *
   * @throws DemoException if no broker answers, or a topic that the job needs is missing
   */
  public static PublishedAnchors open(String bootstrapServers) throws DemoException {
    PublishedAnchors opened;
    try {
      opened =
          new PublishedAnchors(
              new KafkaConsumer<>(
                  Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                  new StringDeserializer(),
                  new ByteArrayDeserializer()));
    } catch (KafkaException e) {
      throw impossible(
          "--bootstrap-server %s: %s.".formatted(bootstrapServers, e.getCause().getMessage()));
    }
    try {
      opened.begin(bootstrapServers);
      return opened;
    } catch (DemoException e) {
      opened.close();
      throw e;
    }
  }

  /** Waits for the topics, because a new topic takes a moment to become visible. */
  private void begin(String bootstrapServers) throws DemoException {
    long deadline = System.nanoTime() + SETTLING.toNanos();
    List<String> missing = missing(bootstrapServers);
    while (!missing.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw impossible(
            "The topics %2$s do not exist at %1$s. Create them first."
                .formatted(bootstrapServers, String.join(", ", missing)));
      }
      missing = missing(bootstrapServers);
    }
  }

  private List<String> missing(String bootstrapServers) throws DemoException {
    try {
      Set<String> topics = consumer.listTopics(ANSWER).keySet();
      return Topics.ALL.stream().filter(topic -> !topics.contains(topic)).toList();
    } catch (TimeoutException e) {
      throw impossible(
          "No broker answered at %s within %d s. Check that Kafka runs there."
              .formatted(bootstrapServers, ANSWER.toSeconds()));
    }
  }

  private static DemoException impossible(String sentence) {
    return new DemoException(DemoException.IMPOSSIBLE, sentence);
  }

  /** Returns the heads that have a set so far; empty while the topic does not exist. */
  Set<String> heads() {
    if (consumer.assignment().isEmpty()) {
      assign();
    }
    if (!consumer.assignment().isEmpty()) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        if (record.value() != null) {
          heads.add(record.key());
        }
      }
    }
    return Set.copyOf(heads);
  }

  /** Assigns the topic once it exists: the job creates it if it is missing. */
  private void assign() {
    List<TopicPartition> partitions =
        consumer.listTopics(ANSWER).getOrDefault(Topics.ANCHORS, List.of()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
