package dev.onepass.job.kafka.sink;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long records wait that the producer has and the brokers have not acknowledged.
 *
 * <p>An acknowledgement does not name its record, so it counts for the oldest that waits: the
 * oldest may in truth wait longer, as long as other partitions than its own still acknowledge.
 * Thread-safe.
 */
final class Unwritten {

  /** So many milliseconds an age may be too large. */
  private static final long MARK_EVERY_MILLIS = 100;

  /** Marks of more than a minute and a half; what waits longer is older than all of them. */
  private static final int MOST_MARKS = 1_000;

  /** When the first record behind so many others was handed over. */
  private record Mark(long recordsBefore, long millis) {}

  private final Deque<Mark> marks = new ArrayDeque<>();
  private long handedOver;
  private long acknowledged;

  /** Notes that the producer gets a record. */
  synchronized void handOver(long nowMillis) {
    boolean isDue = marks.isEmpty() || nowMillis - marks.getLast().millis() >= MARK_EVERY_MILLIS;
    if (isDue && marks.size() < MOST_MARKS) {
      marks.addLast(new Mark(handedOver, nowMillis));
    }
    handedOver++;
  }

  /** Notes that a record does not wait any more. */
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

  /** Returns for how many milliseconds the oldest record waits, 0 if none does. */
  synchronized long oldestMillis(long nowMillis) {
    return marks.isEmpty() ? 0 : Math.max(0, nowMillis - marks.getFirst().millis());
  }
}
