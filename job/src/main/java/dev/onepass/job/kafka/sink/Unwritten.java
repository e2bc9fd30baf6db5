// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Measures how long records wait for the brokers' acknowledgement.
 *
 * <p>An acknowledgement does not name its record, so it counts for the oldest waiting one. The
 * oldest record may in fact wait longer, as long as other partitions still acknowledge.
 * Thread-safe.
 */
final class Unwritten {

  /** Resolution of the age: it may be too large by this much. */
  private static final long MARK_EVERY_MILLIS = 100;

  /** Enough marks for 100 seconds. Records that wait longer have the age of the oldest mark. */
  private static final int MOST_MARKS = 1_000;

  /** The time at which a record was handed over, and the number of records before it. */
  private record Mark(long recordsBefore, long millis) {}

  private final Deque<Mark> marks = new ArrayDeque<>();
  private long handedOver;
  private long acknowledged;

  /** Records that the producer received a record. */
  synchronized void handOver(long nowMillis) {
    boolean isDue = marks.isEmpty() || nowMillis - marks.getLast().millis() >= MARK_EVERY_MILLIS;
    if (isDue && marks.size() < MOST_MARKS) {
      marks.addLast(new Mark(handedOver, nowMillis));
    }
    handedOver++;
  }

  /** Records an acknowledgement. */
  synchronized void acknowledge() {
    acknowledged++;
    if (acknowledged >= handedOver) {
      marks.clear();
      return;
    }
    Mark oldest = marks.pollFirst();
    while (!marks.isEmpty() && marks.getFirst().recordsBefore() <= acknowledged) {
      oldest = marks.pollFirst();
    }
    marks.addFirst(oldest);
  }

  /** Returns the age of the oldest waiting record in milliseconds, or 0 if there is none. */
  synchronized long oldestMillis(long nowMillis) {
    return marks.isEmpty() ? 0 : Math.max(0, nowMillis - marks.getFirst().millis());
  }
}
