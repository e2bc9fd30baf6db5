// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import dev.onepass.job.kafka.client.ClientProperties;
import dev.onepass.job.kafka.client.RawRecordWriter;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate.Verdict;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends a record alone and uncompressed, to learn whether the brokers accept it.
 *
 * <p>If the job writes in transactions, the trial aborts its transaction, so readers of committed
 * records never see the record, and the sink writes it again. Otherwise the trial has delivered the
 * record.
 */
final class Trial implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 30;
  private static final int MOST_PRODUCERS = 3;

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final boolean isTakenBack;

  /** Whether compression by the sink or the topic may enlarge the batch. */
  private final boolean mayGrow;

  /** Created for the first record, and again after a failure. */
  private Producer<byte[], byte[]> producer;

  Trial(Supplier<Producer<byte[], byte[]>> producers, boolean isTakenBack, boolean mayGrow) {
    this.producers = producers;
    this.isTakenBack = isTakenBack;
    this.mayGrow = mayGrow;
  }

  /**
   * Returns a trial that delivers its records.
   *
   * @param properties properties of clients
   */
  static Trial delivering(Properties properties) {
    String compression =
        properties.getProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none").trim();
    Properties plain = plain(properties);
    return new Trial(() -> producer(plain), false, !compression.equals("none"));
  }

  /**
   * Returns a trial that aborts its transactions.
   *
   * @param properties properties of clients
   * @param transactionalId id that no other producer may use at the same time
   * @param timeout maximum transaction timeout that the brokers allow
   */
  static Trial takenBack(Properties properties, String transactionalId, Duration timeout) {
    Properties transactional = plain(properties);
    transactional.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    // If the task is killed, its open transaction holds up readers for this long.
    transactional.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        Long.toString(Math.min(PATIENCE_SECONDS * 1000, timeout.toMillis())));
    return new Trial(() -> producer(transactional), true, true);
  }

  private static Properties plain(Properties properties) {
    Properties plain = ClientProperties.withoutId(properties);
    plain.setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    plain.setProperty(ProducerConfig.LINGER_MS_CONFIG, "0");
    plain.setProperty(
        ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.toString(PATIENCE_SECONDS * 1000));
    return plain;
  }

  private static Producer<byte[], byte[]> producer(Properties properties) {
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Returns the bytes that a topic must accept for the sink to write the record. */
  long needs(RawRecord record) {
    return mayGrow ? RecordLimit.bytes(record) : batch(RawRecordWriter.toKafka(record));
  }

  /** Returns the bytes that a topic accepts if it accepted the record in a trial. */
  long proves(RawRecord record) {
    return batch(sent(record));
  }

  /** Returns the bytes of a batch with only this record, which brokers compare with the limit. */
  private static int batch(ProducerRecord<byte[], byte[]> record) {
    return DefaultRecordBatch.sizeInBytes(
        List.of(new SimpleRecord(0, record.key(), record.value(), record.headers().toArray())));
  }

  /**
   * Returns the record to send. Pads it, if its transaction will be aborted, to the size that the
   * sink may need. Otherwise the next record of the same size would need another trial.
   */
  private ProducerRecord<byte[], byte[]> sent(RawRecord record) {
    ProducerRecord<byte[], byte[]> sent = RawRecordWriter.toKafka(record);
    if (isTakenBack) {
      int padding = (int) Math.max(0, needs(record) - batch(sent));
      sent.headers().add("padding", new byte[padding]);
    }
    return sent;
  }

  /**
   * Sends a record and waits for the brokers' answer.
   *
   * @throws IOException if they do not answer in time, or fail for a reason other than the record
   * @throws InterruptedException if the thread is interrupted; this closes the producer
   */
  Verdict attempt(RawRecord record) throws IOException, InterruptedException {
    for (int made = 1; ; made++) {
      try {
        send(sent(record));
        return isTakenBack ? Verdict.PASSES : Verdict.WRITTEN;
      } catch (InterruptedException | InterruptException e) {
        close();
        throw e;
      } catch (ExecutionException | TimeoutException | KafkaException e) {
        close();
        Throwable reason = e instanceof ExecutionException ? e.getCause() : e;
        Optional<Verdict> refusal = refusal(reason, record);
        if (refusal.isPresent()) {
          return refusal.get();
        }
        if (!isFenced(reason) || made == MOST_PRODUCERS) {
          throw new IOException(
              "The brokers do not tell whether topic %s accepts a record of %d bytes: %s"
                  .formatted(record.topic(), RecordLimit.bytes(record), reason),
              reason);
        }
      }
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (producer == null) {
      producer = producers.get();
      if (isTakenBack) {
        producer.initTransactions();
      }
    }
    if (!isTakenBack) {
      producer.send(record).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return;
    }
    producer.beginTransaction();
    try {
      producer.send(record).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      takeBack();
      throw e;
    }
    takeBack();
  }

  /** Aborts the transaction. A failure does not change the answer about the record. */
  private void takeBack() {
    try {
      producer.abortTransaction();
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      close();
    }
  }

  private static Optional<Verdict> refusal(Throwable reason, RawRecord record) {
    if (reason instanceof RecordTooLargeException
        || reason instanceof RecordBatchTooLargeException) {
      return Optional.of(Verdict.TOO_LARGE);
    }
    return reason instanceof InvalidRecordException && record.key() == null
        ? Optional.of(Verdict.KEY_MISSING)
        : Optional.empty();
  }

  /**
   * Returns whether the sink, which ends all open transactions of the job at start, ended this one.
   */
  private static boolean isFenced(Throwable reason) {
    return reason instanceof ProducerFencedException
        || reason instanceof InvalidProducerEpochException
        || reason instanceof InvalidPidMappingException;
  }

  /** Closes the producer without waiting for unsent records. */
  @Override
  public void close() {
    Producer<byte[], byte[]> givenUp = producer;
    producer = null;
    if (givenUp != null) {
      givenUp.close(Duration.ZERO);
    }
  }
}
