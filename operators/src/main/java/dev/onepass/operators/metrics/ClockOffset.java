// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * The gauge {@code clockOffsetMillis}: how far the worker's clock is ahead of the job manager's, in
 * milliseconds; negative if it is behind.
 *
 * <p>A checkpoint carries the time at which the job manager triggered it. The delay of the task
 * adds to the difference of the clocks, so the gauge shows the smallest difference of the newest
 * checkpoints, when the task was least busy.
 */
public final class ClockOffset {

  /** Number of checkpoints in the comparison. */
  static final int NEWEST = 8;

  private final Deque<Long> newest = new ArrayDeque<>(NEWEST);

  /** Smallest difference; 0 before the first checkpoint. Read by the threads of reporters. */
  private volatile long smallest;

  /**
   * Registers the gauge.
   *
   * @param operator group of the operator, as Flink provides it
   */
  public ClockOffset(MetricGroup operator) {
    OnepassMetrics.group(operator).gauge("clockOffsetMillis", (Gauge<Long>) () -> smallest);
  }

  /**
   * Compares the clocks at a checkpoint.
   *
   * @param called when the job manager triggered the checkpoint, by its clock, in epoch
   *     milliseconds
   * @param now time of this worker's clock, in epoch milliseconds
   */
  public void compare(long called, long now) {
    if (newest.size() == NEWEST) {
      newest.remove();
    }
    newest.add(now - called);
    smallest = newest.stream().mapToLong(offset -> offset).min().orElseThrow();
  }
}
