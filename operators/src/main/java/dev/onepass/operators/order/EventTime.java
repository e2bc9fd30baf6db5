package dev.onepass.operators.order;

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

  /**
   * Returns why a record of this timestamp is refused, or null where it is taken.
   *
   * @param timestamp in epoch milliseconds
   * @param now the worker's clock, in epoch milliseconds
   */
  public String refusal(long timestamp, long now) {
    if (timestamp < 0) {
      return "timestamp: %d, the record has none, and order.mode event-time needs one; let its producer set it, or the broker (message.timestamp.type LogAppendTime)"
          .formatted(timestamp);
    }
    if (timestamp > latest(now)) {
      return "timestamp: %d is %d ms ahead of the clock, and order.ahead allows %d ms; correct the clock of its producer and send it again, or raise order.ahead"
          .formatted(timestamp, timestamp - now, ahead.toMillis());
    }
    return null;
  }

  /** Returns whether a record of this timestamp is taken, as {@link #refusal} tells. */
  boolean takes(long timestamp, long now) {
    return timestamp >= 0 && timestamp <= latest(now);
  }

  /** Returns the highest timestamp that is taken at this time; none beyond counts as passed. */
  long latest(long now) {
    return now + ahead.toMillis();
  }
}
