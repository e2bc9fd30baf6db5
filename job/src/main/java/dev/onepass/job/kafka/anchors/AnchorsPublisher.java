// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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

/** Writes anchor sets to the anchors topic from outside a job. */
public final class AnchorsPublisher implements AutoCloseable {

  /**
   * Maximum size of a record of the anchors topic in bytes, unless {@code max.request.size} is set.
   * A set of 4 096 anchors may exceed Kafka's default of 1 MiB.
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
   * Publishes a set and waits until the brokers acknowledge it.
   *
   * @throws IOException if they do not accept it; the message says why
   */
  public void publish(StoredAnchorSet set) throws IOException, InterruptedException {
    byte[] head = set.head().getBytes(StandardCharsets.UTF_8);
    RawRecord record = RawRecord.toWrite(topic.name(), head, set.bytes(), Headers.NONE);
    Optional<String> obstacle = topic.obstacle(record);
    if (obstacle.isPresent()) {
      throw new IOException("Cannot publish %s: %s".formatted(set.name(), obstacle.get()));
    }
    try {
      producer.send(new ProducerRecord<>(topic.name(), head, set.bytes())).get();
    } catch (ExecutionException e) {
      throw new IOException(
          "Cannot publish %s: %s".formatted(set.name(), e.getCause().getMessage()), e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
