// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import java.io.Serializable;
import java.time.Duration;

/**
 * The options of the order by event time.
 *
 * @param lateness maximum out-of-orderness within a partition, at least 0; the watermark stays this
 *     far behind the highest timestamp
 * @param idleness time without records after which a partition counts as idle and does not hold
 *     others up, above 0
 * @param ahead how far timestamps may be ahead of the worker's clock, at least 0; a record beyond
 *     that is refused and does not move the watermark
 */
public record EventTime(Duration lateness, Duration idleness, Duration ahead)
    implements Serializable {

  /**
   * Returns the reason why a record with this timestamp is refused, or null if it is taken.
   *
   * @param timestamp timestamp of the record, in epoch milliseconds
   * @param now time of the worker's clock, in epoch milliseconds
   */
  public String refusal(long timestamp, long now) {
    return timestamps().refusal(timestamp, now);
  }

  /** Returns the check of timestamps. */
  Timestamps timestamps() {
    return new Timestamps("order.mode event-time", ahead);
  }

  /** Returns whether {@link #refusal} has no reason against a timestamp. */
  boolean takes(long timestamp, long now) {
    return timestamps().takes(timestamp, now);
  }

  /** Returns the highest timestamp that is taken at this time, in epoch milliseconds. */
  long latest(long now) {
    return timestamps().latest(now);
  }
}
