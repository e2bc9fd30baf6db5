// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.sketch.numerics.SplitMix64;

/**
 * Chooses the place of each element of a stream in a sample of bounded size. The first elements
 * fill the sample. After that, the n-th element of the stream takes a place with probability
 * capacity / n. The place depends on seed and number alone, so only the number has to be stored.
 */
final class Reservoir {

  /** Says that the element is not part of the sample. */
  static final int NONE = -1;

  private Reservoir() {}

  /**
   * Returns the place of an element.
   *
   * @param seed seed of the sample
   * @param number number of the element, from 0
   * @param capacity number of places, at least 1
   * @return a place from 0 to below the capacity, or {@link #NONE}
   */
  static int place(long seed, long number, int capacity) {
    if (number < capacity) {
      return (int) number;
    }
    long place =
        Long.remainderUnsigned(SplitMix64.finish(seed + number * SplitMix64.GOLDEN), number + 1);
    return place < capacity ? (int) place : NONE;
  }

  /** Returns a random place, always the same for an element and an attempt. */
  static int any(long seed, long number, int attempt, int capacity) {
    return (int)
        Long.remainderUnsigned(
            SplitMix64.finish(seed + number * SplitMix64.GOLDEN + attempt * 0xd1342543de82ef95L),
            capacity);
  }

  /** Returns a hash of a sequence's id; never 0. */
  static long hash(String sequence) {
    long bits = 1;
    for (int i = 0; i < sequence.length(); i++) {
      bits = SplitMix64.finish(bits * SplitMix64.GOLDEN + sequence.charAt(i));
    }
    return bits == 0 ? 1 : bits;
  }
}
