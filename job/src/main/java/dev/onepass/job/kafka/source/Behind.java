// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures how far a reader is behind all written records, committed or not, and how long an open
 * transaction has held it up. The consumer's own lag counts only up to the last stable offset: it
 * is 0 while an open transaction holds up all later records. One thread writes, others read.
 */
final class Behind {

  private final boolean readsCommitted;

  /** Stable offsets below their high watermark, as last seen. */
  private Map<TopicPartition, Standing> standing = new HashMap<>();

  private volatile long records;

  /** Epoch milliseconds since which a stable offset has not moved, or -1. */
  private volatile long since = -1;

  private record Standing(long offset, long since) {}

  /**
   * @param readsCommitted whether the reader waits for open transactions
   */
  Behind(boolean readsCommitted) {
    this.readsCommitted = readsCommitted;
  }

  /** Updates the ends of the partitions and the positions of the reader. */
  void update(Brokers.Ends ends, Map<TopicPartition, Long> positions, long nowMillis) {
    long sum = 0;
    Map<TopicPartition, Standing> now = new HashMap<>();
    for (Map.Entry<TopicPartition, Long> end : ends.highWatermarks().entrySet()) {
      TopicPartition partition = end.getKey();
      sum += Math.max(0, end.getValue() - positions.getOrDefault(partition, end.getValue()));
      long stable = ends.stableOffsets().getOrDefault(partition, end.getValue());
      if (readsCommitted && stable < end.getValue()) {
        Standing before = standing.get(partition);
        now.put(
            partition,
            before != null && before.offset == stable ? before : new Standing(stable, nowMillis));
      }
    }
    standing = now;
    records = sum;
    since = now.values().stream().mapToLong(Standing::since).min().orElse(-1);
  }

  /** Returns the number of offsets between positions and high watermarks in all partitions. */
  long records() {
    return records;
  }

  /** Returns how long an open transaction has held up records, in milliseconds; 0 if none does. */
  long openTransactionMillis(long nowMillis) {
    long begun = since;
    return begun < 0 ? 0 : Math.max(0, nowMillis - begun);
  }
}
