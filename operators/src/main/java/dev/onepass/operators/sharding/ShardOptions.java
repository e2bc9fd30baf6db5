// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import java.io.Serializable;
import java.util.Set;

/**
 * Options of shards: which sequences are sharded, and their number of shards.
 *
 * @param count number of shards of each sharded sequence: a power of two, 1 to {@value #MAX_COUNT}
 * @param sequences ids of the sharded sequences; {@link #ALL} alone means every sequence
 */
public record ShardOptions(int count, Set<String> sequences) implements Serializable {

  /** The options under which no sequence is sharded. */
  public static final ShardOptions NONE = new ShardOptions(1, Set.of());

  /** The id that stands for every sequence. */
  public static final String ALL = "*";

  /** Highest number of shards of a sequence. */
  public static final int MAX_COUNT = 128;

  /**
   * Checks the number of shards, and copies the ids.
   *
   * @throws IllegalArgumentException if {@link #isCount} refuses the number of shards
   */
  public ShardOptions {
    if (!isCount(count)) {
      throw new IllegalArgumentException(
          "number of shards: expected a power of two up to " + MAX_COUNT + ", got " + count);
    }
    sequences = Set.copyOf(sequences);
  }

  /** Returns whether a sequence can have this number of shards. */
  public static boolean isCount(int count) {
    return Integer.bitCount(count) == 1 && count > 0 && count <= MAX_COUNT;
  }

  /** Returns whether any sequence is sharded. */
  public boolean isOn() {
    return count > 1 && !sequences.isEmpty();
  }

  /** Returns the number of shards of a sequence, 1 if it is not sharded. */
  public int of(String sequence) {
    return sequences.contains(sequence) || sequences.contains(ALL) ? count : 1;
  }
}
