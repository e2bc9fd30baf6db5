// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import java.io.Serializable;

/**
 * Selects the sequences that have a shadow. The choice depends on the sequence's id alone, so it is
 * the same after a restart, in every subtask, and in every head.
 *
 * @param oneIn one in this many sequences has a shadow; 0 for no shadows
 * @param maxTokens largest number of tokens and retractions that a shadow keeps; one more ends it
 */
public record ShadowSampling(int oneIn, int maxTokens) implements Serializable {

  /** No shadows. */
  public static final ShadowSampling OFF = new ShadowSampling(0, 0);

  /** 2^64 over the golden ratio: multiplication spreads neighbours over all high bits. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public ShadowSampling {
    if (oneIn < 0 || maxTokens < 0) {
      throw new IllegalArgumentException(
          "Expected numbers of at least 0, got one in %d sequences, %d tokens."
              .formatted(oneIn, maxTokens));
    }
  }

  /** Returns whether sequences of this id have a shadow. */
  public boolean covers(String sequence) {
    return oneIn > 0 && ((sequence.hashCode() * GOLDEN) >>> Integer.SIZE) % oneIn == 0;
  }
}
