// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.job.kafka.client.ClientProperties;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether readers of committed records see a record. */
class Visibility {

  private static final Logger LOG = LoggerFactory.getLogger(Visibility.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Whether readers see the record at a place. */
  enum Outcome {
    /** Readers see the record. */
    VISIBLE,
    /** Readers will never see the record. */
    HIDDEN,
    /** The topic no longer holds the place, or may not be read. */
    UNKNOWN
  }

  private final Properties properties;

  /**
   * @param clients properties of clients
   */
  Visibility(Properties clients) {
    properties = ClientProperties.ofCommittedReader(clients);
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    // Only one record is needed.
    properties.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1");
    properties.setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1");
  }

  /**
   * Waits until no open transaction precedes the place, at most for {@code
   * kafka.transaction-timeout}, and then reads it. Waits for brokers that do not answer.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  Outcome look(Place place) throws InterruptedException {
    while (true) {
      try {
        return lookOnce(place);
      } catch (InterruptException e) {
        // Kafka has set the interrupt flag again.
        Thread.interrupted();
        throw new InterruptedException(e.getMessage());
      } catch (OffsetOutOfRangeException | NoOffsetForPartitionException e) {
        return Outcome.UNKNOWN;
      } catch (AuthenticationException | AuthorizationException e) {
        LOG.warn("Cannot read topic {}: {}", place.topic(), e.getMessage());
        return Outcome.UNKNOWN;
      } catch (KafkaException e) {
        LOG.debug("Cannot read topic {} now", place.topic(), e);
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  private Outcome lookOnce(Place place) throws InterruptedException {
    TopicPartition partition = place.topicPartition();
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      consumer.assign(List.of(partition));
      while (end(consumer, partition) <= place.offset()) {
        Thread.sleep(PAUSE.toMillis());
      }
      consumer.seek(partition, place.offset());
      while (consumer.position(partition) <= place.offset()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(PAUSE);
        if (!records.isEmpty()) {
          boolean isThere = records.records(partition).get(0).offset() == place.offset();
          return isThere ? Outcome.VISIBLE : Outcome.HIDDEN;
        }
      }
      return Outcome.HIDDEN;
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /**
   * Returns the end, which for readers of committed records precedes the first open transaction.
   */
  private static long end(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
    return consumer.endOffsets(List.of(partition)).get(partition);
  }
}
