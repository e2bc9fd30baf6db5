package dev.onepass.job.kafka.anchors;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes anchor sets to their topic from outside a job. */
public final class AnchorsPublisher implements AutoCloseable {

  /**
   * Bytes that a record of the anchors topic may take, unless {@code max.request.size} says
   * otherwise; a set of 4 096 anchors may be larger than Kafka's default of 1 MiB.
   */
  public static final int LARGEST_SET = 24 << 20;

  private final AnchorsTopic topic;
  private final KafkaProducer<byte[], byte[]> producer;

  public AnchorsPublisher(AnchorsTopic topic, Properties properties) {
    this.topic = topic;
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Publishes a set and waits until the brokers have it.
   *
   * @throws IOException if they do not take it, with a sentence that says why
   */
  public void publish(StoredAnchorSet set) throws IOException, InterruptedException {
    byte[] head = set.head().getBytes(StandardCharsets.UTF_8);
    RawRecord record = RawRecord.toWrite(topic.name(), head, set.bytes(), Headers.NONE);
    Optional<String> obstacle = topic.obstacle(record);
    if (obstacle.isPresent()) {
      throw new IOException("%s cannot be published: %s".formatted(set.name(), obstacle.get()));
    }
    try {
      producer.send(new ProducerRecord<>(topic.name(), head, set.bytes())).get();
    } catch (ExecutionException e) {
      throw new IOException(
          "%s cannot be published: %s".formatted(set.name(), e.getCause().getMessage()), e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
