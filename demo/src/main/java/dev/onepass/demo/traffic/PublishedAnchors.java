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

/** Looks which heads have an anchor set on the topic that the job reads and writes them by. */
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
   * Begins to read the topic from its start.
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

  /** Topics that were just made take a moment to be known. */
  private void begin(String bootstrapServers) throws DemoException {
    long deadline = System.nanoTime() + SETTLING.toNanos();
    List<String> missing = missing(bootstrapServers);
    while (!missing.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw impossible(
            "Missing at %s: the topics %s. Create them first."
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
          "No broker answers at %s within %d s: does Kafka run there?"
              .formatted(bootstrapServers, ANSWER.toSeconds()));
    }
  }

  private static DemoException impossible(String sentence) {
    return new DemoException(DemoException.IMPOSSIBLE, sentence);
  }

  /** Returns the heads that have a set by now; none while there is no topic of sets. */
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

  /** The job makes the topic if nobody has, so it may come later. */
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
