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
 * Sends a record, alone and not compressed, to see whether the brokers take it.
 *
 * <p>Where the job writes in transactions, the record is taken back at once, so nobody who reads
 * what is committed ever sees it, and the sink writes it again. Elsewhere the record has thereby
 * been delivered.
 */
final class Trial implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 30;
  private static final int MOST_PRODUCERS = 3;

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final boolean isTakenBack;

  /** Whether compression, the sink's or the topic's, may make a batch larger than it is here. */
  private final boolean mayGrow;

  /** Made for the first record, and anew after a failure. */
  private Producer<byte[], byte[]> producer;

  Trial(Supplier<Producer<byte[], byte[]>> producers, boolean isTakenBack, boolean mayGrow) {
    this.producers = producers;
    this.isTakenBack = isTakenBack;
    this.mayGrow = mayGrow;
  }

  /**
   * Returns a trial whose records are delivered.
   *
   * @param properties of clients
   */
  static Trial delivering(Properties properties) {
    String compression =
        properties.getProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none").trim();
    Properties plain = plain(properties);
    return new Trial(() -> producer(plain), false, !compression.equals("none"));
  }

  /**
   * Returns a trial whose records are taken back.
   *
   * @param properties of clients
   * @param transactionalId no two producers may have one at a time
   * @param timeout the longest that the brokers allow
   */
  static Trial takenBack(Properties properties, String transactionalId, Duration timeout) {
    Properties transactional = plain(properties);
    transactional.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    // Until then a task that was killed meanwhile keeps readers from what is behind the record.
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

  /** Returns the bytes that a topic has to take if the sink may have the record. */
  long needs(RawRecord record) {
    return mayGrow ? RecordLimit.bytes(record) : batch(RawRecordWriter.toKafka(record));
  }

  /** Returns the bytes that a topic is known to take when it took the record in a trial. */
  long proves(RawRecord record) {
    return batch(sent(record));
  }

  /** Returns the bytes of a batch with this record alone, which brokers compare with the limit. */
  private static int batch(ProducerRecord<byte[], byte[]> record) {
    return DefaultRecordBatch.sizeInBytes(
        List.of(new SimpleRecord(0, record.key(), record.value(), record.headers().toArray())));
  }

  /**
   * A record that nobody will see is padded, for what is tried to take no less than what the sink
   * may make of it. Otherwise a record of the same size would have to be tried again.
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
   * Sends a record and waits for what the brokers say.
   *
   * @throws IOException if they say nothing in time, or something else than that they take it or
   *     refuse it for what it is
   * @throws InterruptedException if the thread is interrupted; the producer is given up then
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
              "the brokers do not say whether topic %s takes a record of %d bytes: %s"
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

  /** What the brokers said of the record stands, whatever they say of this. */
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

  /** The sink, when it starts, ends all transactions of the job that it finds open, these too. */
  private static boolean isFenced(Throwable reason) {
    return reason instanceof ProducerFencedException
        || reason instanceof InvalidProducerEpochException
        || reason instanceof InvalidPidMappingException;
  }

  /** Gives the producer up. What it has not sent yet is not waited for. */
  @Override
  public void close() {
    Producer<byte[], byte[]> givenUp = producer;
    producer = null;
    if (givenUp != null) {
      givenUp.close(Duration.ZERO);
    }
  }
}
