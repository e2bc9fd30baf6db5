// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads answers as they arrive and records their latency, measured from the due time of the query.
 * A query carries its due time in a header, which the job copies to the answer.
 */
final class AnswerTimes implements AutoCloseable {
  private static final String DUE = "due";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final int DIGITS = 3;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Histogram micros = new Histogram(DIGITS);
  private final Thread reader = new Thread(this::read, "answers");
  private volatile boolean open = true;
  private final AtomicLong count = new AtomicLong();
  private volatile long from = Long.MAX_VALUE;

  AnswerTimes(String bootstrapServers, String topic, int partitions) {
    consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> all =
        IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    consumer.assign(all);
    consumer.seekToEnd(all);
    all.forEach(consumer::position);
    reader.start();
  }

  /** Adds the due time to a query. */
  static void mark(ProducerRecord<byte[], byte[]> query, long dueNanos) {
    query.headers().add(DUE, ByteBuffer.allocate(Long.BYTES).putLong(dueNanos).array());
  }

  /** Counts only queries that are due from a time on. Before this call, no query counts. */
  void countFrom(long dueNanos) {
    from = dueNanos;
  }

  private void read() {
    while (open) {
      for (ConsumerRecord<byte[], byte[]> answer : consumer.poll(POLL)) {
        long now = System.nanoTime();
        Header due = answer.headers().lastHeader(DUE);
        if (due != null) {
          note(ByteBuffer.wrap(due.value()).getLong(), now);
        }
      }
    }
  }

  private void note(long due, long now) {
    if (due >= from) {
      micros.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, now - due)));
    }
    count.incrementAndGet();
  }

  /** Returns the number of answers so far, including those whose latency does not count. */
  long count() {
    return count.get();
  }

  /** Stops reading and returns the latencies in microseconds. */
  Histogram end() {
    close();
    return micros;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      try {
        reader.join(CLOSE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      consumer.close();
    }
  }
}
