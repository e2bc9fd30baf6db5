// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.metrics.OnepassMetrics;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Tracks which records the brokers have acknowledged. Acknowledgements arrive on the producers'
 * threads.
 */
final class WriterProgress implements Consumer<RecordMetadata> {

  private final String outputs;
  private final Unwritten unwritten = new Unwritten();
  private final Counter written;

  /** Place of the last acknowledged record, preferably an answer; null if there is none. */
  private Place place;

  /**
   * @param outputs topic of the answers
   * @param operator metrics of the writer
   */
  WriterProgress(String outputs, MetricGroup operator) {
    this.outputs = outputs;
    MetricGroup metrics = OnepassMetrics.group(operator);
    written = metrics.counter("recordsWritten", new ThreadSafeSimpleCounter());
    metrics.gauge("oldestUnwrittenMillis", (Gauge<Long>) () -> unwritten.oldestMillis(nowMillis()));
  }

  /** Records that the producer received a record. */
  void handOver() {
    unwritten.handOver(nowMillis());
  }

  @Override
  public void accept(RecordMetadata metadata) {
    unwritten.acknowledge();
    // A record without an offset has failed, and its task fails as well.
    if (metadata != null && metadata.hasOffset()) {
      written.inc();
      found(Place.of(metadata));
    }
  }

  private synchronized void found(Place acknowledged) {
    if (place == null || acknowledged.topic().equals(outputs) || !place.topic().equals(outputs)) {
      place = acknowledged;
    }
  }

  /** Returns the place of a record since the last call, or null if there was none. */
  synchronized Place takePlace() {
    Place taken = place;
    place = null;
    return taken;
  }

  /** Returns a time that does not jump when the clock is set. */
  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
