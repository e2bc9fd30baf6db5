// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends the records of a load as a plain producer does. */
public final class Load implements AutoCloseable {

  /** Tokens for each query. */
  public static final int TOKENS_PER_QUERY = 1_000;

  /** Batch size and linger time of the producer, as in typical deployments. */
  private static final int BATCH_BYTES = 512 << 10;

  private static final int LINGER_MILLIS = 20;

  private static final int ROWS = 1 << 15;
  private static final int STEP = 7919;

  /** The order of the sequences of successive tokens. */
  public enum Order {
    /** One token for each sequence in turn: all pending blocks are full at the same time. */
    IN_TURN,

    /** Uniformly random sequences: pending blocks are full at different times. */
    DRAWN
  }

  private final Cell cell;
  private final Order order;
  private final SplittableRandom draws = new SplittableRandom(7);

  /** Number of tokens sent to each sequence, if the order is random. */
  private final int[] positions;

  private final Head head;
  private final RecordWriter writer;
  private final KafkaProducer<byte[], byte[]> producer;

  public Load(Cell cell, Order order, String bootstrapServers) {
    this.cell = cell;
    this.order = order;
    positions = new int[cell.sequences()];
    head = Planted.gaussian(ROWS, cell.dim(), cell.dim(), 1, Planted.Values.SIGNAL, 7);
    writer = new RecordWriter(cell.format());
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.BATCH_SIZE_CONFIG,
                BATCH_BYTES,
                ProducerConfig.LINGER_MS_CONFIG,
                LINGER_MILLIS),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Returns the head whose rows are the tokens. */
  public Head head() {
    return head;
  }

  /**
   * Sends tokens.
   *
   * @param progress accepts from time to time the number of tokens sent
   */
  public void tokens(String topic, long count, LongConsumer progress) throws IOException {
    Future<?> last = null;
    for (long i = 0; i < count; i++) {
      last = token(topic, i);
      if (i % 10_000 == 0) {
        progress.accept(i);
      }
    }
    producer.flush();
    await(last);
    progress.accept(count);
  }

  /** Passes token number {@code i}, the next one of its sequence, to the producer. */
  public Future<?> token(String topic, long i) {
    long sequence = i % cell.sequences();
    long position = i / cell.sequences();
    if (order == Order.DRAWN) {
      int drawn = draws.nextInt(cell.sequences());
      sequence = drawn;
      position = positions[drawn]++;
    }
    int row = (int) (i * STEP % ROWS);
    byte[] value = writer.token(position, head.keys(), head.values(), row, cell.dim());
    return producer.send(new ProducerRecord<>(topic, key(sequence), value));
  }

  /** Sends query number {@code i}. */
  // The future is not needed: the run waits until the job has consumed all queries.
  @SuppressWarnings("FutureReturnValueIgnored")
  public void query(String topic, long i) {
    producer.send(queryRecord(topic, i));
    producer.flush();
  }

  /** Returns the record of query number {@code i}. */
  public ProducerRecord<byte[], byte[]> queryRecord(String topic, long i) {
    byte[] value = writer.query("q" + i, head.queries(), (int) (i * STEP % ROWS), cell.dim());
    return new ProducerRecord<>(topic, key(i * STEP), value);
  }

  private byte[] key(long i) {
    return ("sequence-" + i % cell.sequences()).getBytes(StandardCharsets.UTF_8);
  }

  private static void await(Future<?> sent) throws IOException {
    try {
      sent.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while sending tokens", e);
    } catch (ExecutionException e) {
      throw new IOException("the broker rejected a token: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
