package dev.onepass.job.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed of a topic, from some offsets up to others. */
final class TopicScan implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * A reader of one topic.
   *
   * @param clients properties of clients
   */
  TopicScan(String topic, Properties clients) {
    this.topic = topic;
    Properties properties = BrokerLimit.adminProperties(clients);
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    // What retention has deleted is not there to be read.
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Returns the partitions that the topic has. */
  List<TopicPartition> partitions() {
    return consumer.partitionsFor(topic, PATIENCE).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** Returns the first offset of each partition. */
  Map<TopicPartition, Long> begins() {
    return consumer.beginningOffsets(partitions(), PATIENCE);
  }

  /** Returns the offset behind the last of each partition. */
  Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions(), PATIENCE);
  }

  /** Returns the first offset of each partition whose timestamp is not below one. */
  Map<TopicPartition, Long> since(long epochMillis) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions().forEach(partition -> times.put(partition, epochMillis));
    Map<TopicPartition, Long> offsets = new HashMap<>(ends());
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
        consumer.offsetsForTimes(times, PATIENCE).entrySet()) {
      if (found.getValue() != null) {
        offsets.put(found.getKey(), found.getValue().offset());
      }
    }
    return offsets;
  }

  /**
   * Reads records.
   *
   * @param from first offset of each partition that is read
   * @param to offset behind the last of each of them
   * @throws IOException if the brokers do not give them, with a sentence that says why
   */
  void read(
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> to,
      Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws IOException {
    try {
      consumer.assign(from.keySet());
      from.forEach(consumer::seek);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (from.keySet().stream().anyMatch(at -> consumer.position(at) < to.get(at))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          deadline = System.nanoTime() + PATIENCE.toNanos();
          TopicPartition at = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < to.get(at)) {
            reader.accept(record);
          }
        }
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "topic %s gave no record for %d s".formatted(topic, PATIENCE.toSeconds()));
        }
      }
    } catch (KafkaException e) {
      throw new IOException("topic %s cannot be read: %s".formatted(topic, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
