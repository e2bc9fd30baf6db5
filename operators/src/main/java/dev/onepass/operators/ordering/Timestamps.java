// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import java.io.Serializable;
import java.time.Duration;

/**
 * Checks the timestamps of records, where something depends on them.
 *
 * @param dependent what depends on them, as messages name it: an option
 * @param ahead how far timestamps may be ahead of the worker's clock, at least 0
 */
public record Timestamps(String dependent, Duration ahead) implements Serializable {

  /** Default of {@code ahead}. */
  public static final Duration DEFAULT_AHEAD = Duration.ofMinutes(10);

  /** Lowest timestamp in seconds: the year 2001. As milliseconds, it is in January 1970. */
  private static final long FIRST_OF_SECONDS = 1_000_000_000L;

  /** Highest timestamp in seconds: the year 2286. As milliseconds, it is in April 1970. */
  private static final long LAST_OF_SECONDS = 9_999_999_999L;

  /** Lowest timestamp in microseconds: the year 2001. As milliseconds, it is after 33 000. */
  private static final long FIRST_OF_MICROSECONDS = 1_000_000_000_000_000L;

  /**
   * Returns the reason why a record with this timestamp is refused, or null if it is taken.
   *
   * @param timestamp timestamp of the record, in epoch milliseconds
   * @param now time of the worker's clock, in epoch milliseconds
   */
  public String refusal(long timestamp, long now) {
    if (isNone(timestamp)) {
      return noneReason(timestamp);
    }
    if (timestamp > latest(now)) {
      return "timestamp: %d is %d ms ahead of the clock, but order.ahead allows only %d ms; %s"
          .formatted(
              timestamp,
              timestamp - now,
              ahead.toMillis(),
              timestamp >= FIRST_OF_MICROSECONDS
                  ? "it looks like microseconds or nanoseconds, but Kafka timestamps are milliseconds; convert it in the producer, and send the record again"
                  : "correct the clock of the producer and send the record again, or raise order.ahead");
    }
    return null;
  }

  /**
   * Returns whether a timestamp is no time in milliseconds: the record has none, or one in seconds.
   * Read as milliseconds, timestamps in seconds are from January 12 to April 26, 1970, a time
   * without Kafka records.
   */
  static boolean isNone(long timestamp) {
    return timestamp < 0 || (timestamp >= FIRST_OF_SECONDS && timestamp <= LAST_OF_SECONDS);
  }

  /** Returns the reason why a record is refused whose timestamp {@link #isNone}. */
  String noneReason(long timestamp) {
    return timestamp < 0
        ? "timestamp: %d, the record has none, but %s needs one; set it in the producer, or in the broker (message.timestamp.type LogAppendTime)"
            .formatted(timestamp, dependent)
        : "timestamp: %d looks like seconds, but Kafka timestamps are milliseconds; multiply it by 1000 in the producer, and send the record again"
            .formatted(timestamp);
  }

  /** Returns whether {@link #refusal} has no reason against a timestamp. */
  boolean takes(long timestamp, long now) {
    return !isNone(timestamp) && timestamp <= latest(now);
  }

  /** Returns the highest timestamp that is taken at this time, in epoch milliseconds. */
  long latest(long now) {
    return now + ahead.toMillis();
  }
}
