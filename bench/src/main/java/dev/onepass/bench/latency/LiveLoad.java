// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import dev.onepass.bench.load.Cell;
import dev.onepass.bench.load.CellSettings;
import dev.onepass.bench.load.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends tokens and queries while the job runs, either as fast as the job takes them or by a
 * schedule.
 */
final class LiveLoad implements AutoCloseable {
  private static final long STEP_NANOS = 1_000_000;

  /** Maximum backlog of the job, in tokens, at the largest rate. */
  private static final long MOST_UNDER_WAY = 20_000;

  private static final int TOKENS_AT_ONCE = 200;

  private final Load load;
  private final String tokensTopic;
  private final String queriesTopic;
  private final int queriesPerSecond;
  private final LongSupplier consumed;
  private final KafkaProducer<byte[], byte[]> atOnce;
  private long tokens;
  private long queries;

  /**
   * Creates a load that continues after the tokens that already fill the topic.
   *
   * @param tokens number of tokens already sent
   * @param consumed returns how many records the job has consumed
   */
  LiveLoad(
      Load load,
      Cell cell,
      String queriesTopic,
      int queriesPerSecond,
      long tokens,
      LongSupplier consumed,
      String bootstrapServers) {
    this.load = load;
    this.queriesTopic = queriesTopic;
    this.queriesPerSecond = queriesPerSecond;
    this.tokens = tokens;
    this.consumed = consumed;
    tokensTopic = CellSettings.tokensTopic(cell);
    atOnce =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Returns the number of queries sent. */
  long queries() {
    return queries;
  }

  /** Returns the number of records that were sent but not consumed by the job. */
  long underWay() {
    return Math.max(0, tokens + queries - consumed.getAsLong());
  }

  /**
   * Sends tokens as fast as the job takes them, and queries at a multiple of their rate.
   *
   * @return records per second that the job took
   */
  double saturate(Duration time, int times) throws IOException {
    long begin = System.nanoTime();
    long consumedBefore = consumed.getAsLong();
    long firstQuery = queries;
    int rate = Math.multiplyExact(queriesPerSecond, times);
    long now = begin;
    while (now - begin < time.toNanos()) {
      sendQueries(firstQuery, begin, now, rate, Long.MAX_VALUE);
      if (underWay() < MOST_UNDER_WAY) {
        sendTokens(TOKENS_AT_ONCE);
      } else {
        LockSupport.parkNanos(STEP_NANOS);
      }
      now = System.nanoTime();
    }
    return (consumed.getAsLong() - consumedBefore) * 1e9 / (now - begin);
  }

  /**
   * Sends by a fixed schedule.
   *
   * @param begin start of the schedule as {@link System#nanoTime()}
   * @param rate tokens per second
   */
  void follow(long begin, double rate, Duration time) throws IOException {
    double seconds = time.toNanos() / 1e9;
    long firstToken = tokens;
    long firstQuery = queries;
    long lastToken = firstToken + (long) (seconds * rate);
    long lastQuery = firstQuery + (long) (seconds * queriesPerSecond);
    // At most the tokens of a few steps at a time, so that queries are sent between them.
    long most = (long) (rate * 5 * STEP_NANOS / 1e9) + 1;
    while (tokens < lastToken || queries < lastQuery) {
      long now = System.nanoTime();
      sendQueries(firstQuery, begin, now, queriesPerSecond, lastQuery);
      long due = firstToken + (long) ((now - begin) / 1e9 * rate) + 1;
      sendTokens(Math.min(Math.min(due, lastToken) - tokens, most));
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  // The future is not needed: the run waits until the job has consumed all tokens.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void sendTokens(long count) throws IOException {
    for (long i = 0; i < count; i++) {
      load.token(tokensTopic, tokens++);
    }
  }

  /** Sends the queries of a schedule that are due. */
  // The future is not needed: the run waits for all answers.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void sendQueries(long first, long begin, long now, int perSecond, long last) {
    long due = Math.min(last, first + (long) ((now - begin) / 1e9 * perSecond) + 1);
    while (queries < due) {
      ProducerRecord<byte[], byte[]> query = load.queryRecord(queriesTopic, queries);
      AnswerTimes.mark(query, begin + (long) ((queries - first) * 1e9 / perSecond));
      atOnce.send(query);
      queries++;
    }
  }

  @Override
  public void close() {
    atOnce.close();
  }
}
