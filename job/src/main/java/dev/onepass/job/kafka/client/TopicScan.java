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

/** Reads what is committed of a topic, from some offsets up to others. */
public final class TopicScan implements AutoCloseable {

  /** How long brokers may say nothing at all, while a topic is read for the command line. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;

  /**
   * A reader of one topic.
   *
   * @param clients properties of clients
   */
  public TopicScan(String topic, Properties clients) {
    this(topic, consumer(clients), PATIENCE);
  }

  /**
   * A reader of one topic.
   *
   * @param consumer one of {@link #consumer}; closed with this one
   * @param patience how long brokers may say nothing at all
   */
  public TopicScan(String topic, Consumer<byte[], byte[]> consumer, Duration patience) {
    this.topic = topic;
    this.consumer = consumer;
    this.patience = patience;
  }

  /**
   * Returns a consumer of what is committed; what retention has deleted is not there to be read.
   */
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

  /** Returns the partitions that the topic has. */
  List<TopicPartition> partitions() {
    return consumer.partitionsFor(topic, patience).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** Returns the first offset of each partition. */
  public Map<TopicPartition, Long> begins() {
    return consumer.beginningOffsets(partitions(), patience);
  }

  /** Returns the offset behind the last of each partition. */
  public Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions(), patience);
  }

  /** Returns the first offset of each partition whose timestamp is not below one. */
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
   * Reads records, however long it takes, as long as it goes on.
   *
   * @param from first offset of each partition that is read
   * @param to offset behind the last of each of them
   * @throws IOException if the brokers do not give them, with a sentence that says why
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
            "topic %s cannot be read to its end (nothing came for %d s, at %s of %s)"
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
