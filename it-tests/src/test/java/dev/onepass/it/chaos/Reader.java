// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads committed answers and dead letters into a ledger while they arrive. */
final class Reader implements AutoCloseable {

  private final String bootstrapServers;
  private final Client.Topics topics;
  private final Ledger ledger;
  private final CompletableFuture<Void> reading;
  private volatile boolean restarted;
  private volatile boolean closed;

  private Reader(String bootstrapServers, Client.Topics topics, Ledger ledger) {
    this.bootstrapServers = bootstrapServers;
    this.topics = topics;
    this.ledger = ledger;
    reading = Background.run("chaos-reader", this::read);
  }

  /** Starts to read, on a separate thread. */
  static Reader start(String bootstrapServers, Client.Topics topics, Ledger ledger) {
    return new Reader(bootstrapServers, topics, ledger);
  }

  /** Starts again from the beginning of the topics, after the outputs topic was recreated. */
  void restart() {
    restarted = true;
  }

  private void read() {
    while (!closed) {
      restarted = false;
      try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
        List<TopicPartition> partitions = partitions(consumer);
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        while (!closed && !restarted) {
          consumer.poll(Duration.ofMillis(50)).forEach(this::note);
        }
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "isolation.level", "read_committed",
            "default.api.timeout.ms", "300000",
            "reconnect.backoff.max.ms", "200"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(topics.outputs(), topics.deadLetters())) {
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
    }
    return partitions;
  }

  private void note(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.outputs())) {
      ledger.answer(Answer.parse(record.value(), Instant.now()));
    } else {
      JsonNode letter = Records.parse(record.value());
      ledger.refuse(letter.path("query_id").asText("a token"));
    }
  }

  /** Stops reading. */
  @Override
  public void close() throws ExecutionException, InterruptedException, TimeoutException {
    closed = true;
    reading.get(30, TimeUnit.SECONDS);
  }
}
