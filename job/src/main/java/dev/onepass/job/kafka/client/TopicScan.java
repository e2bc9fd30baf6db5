// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of a topic between offsets. */
public final class TopicScan implements AutoCloseable {

  /** Maximum time without progress while a topic is read for the command line. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;

  /**
   * @param clients properties of clients
   */
  public TopicScan(String topic, Properties clients) {
    this(topic, consumer(clients), PATIENCE);
  }

  /**
   * @param consumer a consumer from {@link #consumer}, which {@link #close} closes
   * @param patience maximum time without progress
   */
  public TopicScan(String topic, Consumer<byte[], byte[]> consumer, Duration patience) {
    this.topic = topic;
    this.consumer = consumer;
    this.patience = patience;
  }

  /** Returns a consumer of committed records. It skips records that retention has deleted. */
  public static KafkaConsumer<byte[], byte[]> consumer(Properties clients) {
    Properties properties = ClientProperties.ofCommittedReader(clients);
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Returns the topic's name. */
  public String topic() {
    return topic;
  }

  /** Returns the partitions of the topic. */
  List<TopicPartition> partitions() {
    return consumer.partitionsFor(topic, patience).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** Returns the first offset of each partition. */
  public Map<TopicPartition, Long> begins() {
    return consumer.beginningOffsets(partitions(), patience);
  }

  /** Returns the end offset of each partition. */
  public Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions(), patience);
  }

  /** Returns the first offset of each partition whose timestamp is at least this. */
  public Map<TopicPartition, Long> since(long epochMillis) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions().forEach(partition -> times.put(partition, epochMillis));
    Map<TopicPartition, Long> offsets = new HashMap<>(ends());
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
        consumer.offsetsForTimes(times, patience).entrySet()) {
      if (found.getValue() != null) {
        offsets.put(found.getKey(), found.getValue().offset());
      }
    }
    return offsets;
  }

  /**
   * Reads records for as long as there is progress.
   *
   * @param from first offset of each partition to read
   * @param to end offset of each of these partitions, exclusive
   * @throws IOException if there is no progress; the message says where
   */
  public void read(
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> to,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws IOException {
    consumer.assign(from.keySet());
    from.forEach(consumer::seek);
    Map<TopicPartition, Long> positions = positions(from.keySet());
    long lastProgress = System.nanoTime();
    while (from.keySet().stream().anyMatch(at -> positions.get(at) < to.get(at))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        if (record.offset() < to.get(new TopicPartition(record.topic(), record.partition()))) {
          reader.accept(record);
        }
      }
      Map<TopicPartition, Long> now = positions(from.keySet());
      if (!now.equals(positions)) {
        positions.putAll(now);
        lastProgress = System.nanoTime();
      } else if (System.nanoTime() - lastProgress > patience.toNanos()) {
        throw new IOException(
            "Cannot read topic %s to its end: no progress for %d s, at offsets %s of %s"
                .formatted(topic, patience.toSeconds(), positions, to));
      }
    }
  }

  private Map<TopicPartition, Long> positions(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(
        partition -> positions.put(partition, consumer.position(partition, patience)));
    return positions;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
