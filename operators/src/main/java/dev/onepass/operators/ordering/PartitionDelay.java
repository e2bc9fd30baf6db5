// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.metrics.OnepassMetrics;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * The gauge {@code watermarkDelayMillis} with the labels {@code topic} and {@code partition}: how
 * far the event time of a partition is behind the worker's clock, in milliseconds. It is 0 while
 * the partition is idle, because no other partition waits for it then.
 */
public final class PartitionDelay {

  private final MetricGroup operator;
  private final LongSupplier clock;

  /** Whether the gauge is registered; the first record brings its labels. */
  private boolean isRegistered;

  /** Event time of the partition, in epoch milliseconds; read by the threads of reporters. */
  private volatile long watermark = Long.MAX_VALUE;

  /**
   * Creates the gauge of a partition.
   *
   * @param operator group of the source, as Flink provides it
   * @param clock clock of the worker, in epoch milliseconds
   */
  public PartitionDelay(MetricGroup operator, LongSupplier clock) {
    this.operator = operator;
    this.clock = clock;
  }

  /** Sets the event time of the partition, in epoch milliseconds. */
  public void reached(String topic, int partition, long time) {
    watermark = time;
    if (!isRegistered) {
      isRegistered = true;
      OnepassMetrics.group(operator)
          .addGroup("topic", topic)
          .addGroup("partition", Integer.toString(partition))
          .gauge("watermarkDelayMillis", (Gauge<Long>) this::millis);
    }
  }

  /** Marks the partition as idle. */
  public void markIdle() {
    watermark = Long.MAX_VALUE;
  }

  private long millis() {
    return Math.max(0, clock.getAsLong() - watermark);
  }
}
