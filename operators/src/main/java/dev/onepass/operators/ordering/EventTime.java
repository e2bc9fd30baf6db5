package dev.onepass.operators.ordering;

import java.io.Serializable;
import java.time.Duration;

/**
 * That events apply in the order of their timestamps.
 *
 * @param lateness by how much timestamps within a partition may go back, at least 0: the watermark
 *     follows the highest one at this distance
 * @param idleness a partition that is silent for so long is not waited for
 * @param ahead how far ahead of a worker's clock timestamps may be, at least 0: a record beyond
 *     that is refused, and tells nothing about how far time has come
 */
public record EventTime(Duration lateness, Duration idleness, Duration ahead)
    implements Serializable {

  /** As milliseconds, within three months of 1970; as seconds, from 2001 to 2286. */
  private static final long FIRST_OF_SECONDS = 1_000_000_000L;

  private static final long LAST_OF_SECONDS = 9_999_999_999L;

  /** As milliseconds, beyond the year 33 000; as microseconds, from 2001. */
  private static final long FIRST_OF_MICROSECONDS = 1_000_000_000_000_000L;

  /**
   * Returns why a record of this timestamp is refused, or null where it is taken.
   *
   * @param timestamp in epoch milliseconds
   * @param now the worker's clock, in epoch milliseconds
   */
  public String refusal(long timestamp, long now) {
    if (isNone(timestamp)) {
      return noneReason(timestamp);
    }
    if (timestamp > latest(now)) {
      return "timestamp: %d is %d ms ahead of the clock, and order.ahead allows %d ms; %s"
          .formatted(
              timestamp,
              timestamp - now,
              ahead.toMillis(),
              timestamp >= FIRST_OF_MICROSECONDS
                  ? "it looks like microseconds or nanoseconds, and Kafka's are milliseconds; let its producer divide them, and send the record again"
                  : "correct the clock of its producer and send it again, or raise order.ahead");
    }
    return null;
  }

  /**
   * Returns whether a timestamp tells no time: the record has none, or one that can only be meant
   * as seconds. As milliseconds these lie between January 12 and April 26, 1970, and no records are
   * from there.
   */
  static boolean isNone(long timestamp) {
    return timestamp < 0 || timestamp >= FIRST_OF_SECONDS && timestamp <= LAST_OF_SECONDS;
  }

  /** Returns why a record of such a timestamp is refused, whatever the clock says. */
  static String noneReason(long timestamp) {
    return timestamp < 0
        ? "timestamp: %d, the record has none, and order.mode event-time needs one; let its producer set it, or the broker (message.timestamp.type LogAppendTime)"
            .formatted(timestamp)
        : "timestamp: %d looks like seconds, and Kafka's are milliseconds; let its producer multiply them by 1000, and send the record again"
            .formatted(timestamp);
  }

  /** Returns whether a record of this timestamp is taken, as {@link #refusal} tells. */
  boolean takes(long timestamp, long now) {
    return !isNone(timestamp) && timestamp <= latest(now);
  }

  /** Returns the highest timestamp that is taken at this time; none beyond counts as passed. */
  long latest(long now) {
    return now + ahead.toMillis();
  }
}
