// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import org.apache.flink.util.clock.RelativeClock;

/**
 * The clock that measures how long a partition is silent. Flink stops its own clock while the
 * partition is paused, because it is ahead of others, and while the task is under backpressure. In
 * that time, this clock shows the last time at which Flink's clock was seen running.
 *
 * <p>Flink checks the clock periodically. If the partition was silent for long enough and was then
 * paused between two checks, the second check would mark the paused partition as idle. Flink never
 * resumes an idle partition, so it would not be read any more (FLINK-40093, fixed in Flink 2.2.2
 * and 2.3.1).
 */
final class ActivityClock implements RelativeClock {

  /** Number of reads within which a running clock advances. */
  private static final int READS = 1_000;

  private final RelativeClock clock;
  private long shown;

  ActivityClock(RelativeClock clock) {
    this.clock = clock;
    shown = clock.relativeTimeNanos();
  }

  @Override
  public long relativeTimeNanos() {
    long now = clock.relativeTimeNanos();
    if (now != shown && runs(now)) {
      shown = now;
    }
    return shown;
  }

  private boolean runs(long since) {
    for (int i = 0; i < READS; i++) {
      if (clock.relativeTimeNanos() != since) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long relativeTimeMillis() {
    return relativeTimeNanos() / 1_000_000;
  }
}
