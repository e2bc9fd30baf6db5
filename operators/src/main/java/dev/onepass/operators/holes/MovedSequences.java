// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.holes;

import dev.onepass.operators.event.SequenceKey;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes the warnings about sequences whose tokens come from several partitions. There may be very
 * many, so it names one sequence per minute at most.
 */
public final class MovedSequences {

  /** Shortest time between two warnings. */
  static final Duration QUIET = Duration.ofMinutes(1);

  private long quietUntil = Long.MIN_VALUE;
  private long unnamed;

  /**
   * Returns the warning about a token, or nothing if the last warning is too recent.
   *
   * @param key key of the sequence
   * @param before partition of the sequence's earlier tokens
   * @param partition partition of the token
   * @param now time of the clock, in epoch milliseconds
   */
  public Optional<String> warning(SequenceKey key, int before, int partition, long now) {
    if (now < quietUntil) {
      unnamed++;
      return Optional.empty();
    }
    String warning =
        ("head %s, sequence %s: a token came from partition %d, but earlier tokens came from partition %d (%d more such tokens since the last warning)."
                + " Tokens of a sequence overtake each other if they are in two partitions, and the overtaken tokens are dropped as duplicates."
                + " Make all producers choose the partition by the record key in the same way, and do not change the number of partitions."
                + " A sequence that has moved for good needs no action; forget and resend a sequence that lacks tokens.")
            .formatted(key.head(), printable(key.sequence()), partition, before, unnamed);
    quietUntil = now + QUIET.toMillis();
    unnamed = 0;
    return Optional.of(warning);
  }

  /** Replaces control characters, so that an id cannot forge a line of the log. */
  private static String printable(String id) {
    return id.replaceAll("\\p{Cntrl}", "?");
  }
}
