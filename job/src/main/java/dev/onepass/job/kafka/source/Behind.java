package dev.onepass.job.kafka.source;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a reader is behind all that was written, committed or not, and since when open
 * transactions hold it up. The consumer's own lag counts up to the last stable offset: it is 0
 * while a transaction that is left open keeps everything behind it from being read. Written by one
 * thread, read by others.
 */
final class Behind {

  private final boolean readsCommitted;

  /** Stable offsets that stand below their high watermark, as far as was seen. */
  private Map<TopicPartition, Standing> standing = new HashMap<>();

  private volatile long records;

  /** Clock time in milliseconds since which a stable offset stands, or -1. */
  private volatile long since = -1;

  private record Standing(long offset, long since) {}

  /** Nothing yet; a reader that reads what is not committed waits for no transaction. */
  Behind(boolean readsCommitted) {
    this.readsCommitted = readsCommitted;
  }

  /** Notes where partitions end, and where they are read, at a time. */
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

  /** Returns offsets between positions and high watermarks, all partitions together. */
  long records() {
    return records;
  }

  /** Returns how long an open transaction has stood before records, 0 where none does. */
  long openTransactionMillis(long nowMillis) {
    long begun = since;
    return begun < 0 ? 0 : Math.max(0, nowMillis - begun);
  }
}
