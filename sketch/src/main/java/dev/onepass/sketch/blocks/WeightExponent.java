// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.Preamble;

/**
 * The exponent of a sketch: all its sums are relative to 2^exponent. It rises with the largest
 * weight among the tokens, so that no weight overflows, and sums that it leaves behind fade to 0.
 *
 * <p>Sums are stated relative to a larger exponent by a multiplication with a power of two, which
 * is exact as long as they do not underflow.
 */
public final class WeightExponent {

  /** Multiplied by 2^-3000, every double becomes 0. */
  private static final long MOST_POWER = 3000;

  private boolean weighted;
  private long value;

  /** Creates the exponent 0 of a sketch without tokens. */
  public WeightExponent() {}

  /** Reads the exponent of a sketch from its preamble. */
  public WeightExponent(Preamble preamble) {
    weighted = preamble.weighted();
    value = preamble.exponent();
  }

  /** Returns whether any token may have had another weight than 1. */
  public boolean isWeighted() {
    return weighted;
  }

  /** Returns the exponent; 0 unless weighted. */
  public long value() {
    return value;
  }

  /**
   * Returns the power of two that states sums of another exponent relative to this one. It is
   * limited to 3000 in size.
   *
   * @param other the exponent that the sums are relative to now
   */
  public int powerFrom(long other) {
    return (int) Math.max(-MOST_POWER, Math.min(MOST_POWER, other - value));
  }

  /**
   * Raises the exponent to that of a block of tokens, if that is larger.
   *
   * @param block {@link TokenBlock#normalized() normalized} tokens that will be folded
   * @param empty whether the sketch has no sums yet, which then takes the block's exponent
   * @return the power of two, at most 0, by which the sketch's own sums must be multiplied
   */
  public int raiseTo(TokenBlock block, boolean empty) {
    if (block.count() == 0) {
      return 0;
    }
    return raiseTo(block.isBiased() || block.exponent() != 0, block.exponent(), empty);
  }

  /**
   * Raises the exponent to that of another sketch, if that is larger.
   *
   * @param other exponent of a sketch with tokens that will be merged
   * @param empty whether the sketch has no sums yet, which then takes the other exponent
   * @return the power of two, at most 0, by which the sketch's own sums must be multiplied
   */
  public int raiseTo(WeightExponent other, boolean empty) {
    return raiseTo(other.weighted, other.value, empty);
  }

  private int raiseTo(boolean otherWeighted, long other, boolean empty) {
    long before = value;
    weighted |= otherWeighted;
    value = empty ? other : Math.max(before, other);
    return empty ? 0 : powerFrom(before);
  }

  /**
   * Multiplies sums by a power of two.
   *
   * @param sums multiplied in place
   * @param power exponent of the power of two, at most 0
   */
  public static void scale(float[] sums, int power) {
    if (power != 0) {
      double factor = Math.scalb(1.0, power);
      for (int i = 0; i < sums.length; i++) {
        sums[i] = (float) (factor * sums[i]);
      }
    }
  }

  /**
   * Multiplies sums by a power of two.
   *
   * @param sums multiplied in place
   * @param power exponent of the power of two, at most 0
   */
  public static void scale(double[] sums, int power) {
    if (power != 0) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Math.scalb(sums[i], power);
      }
    }
  }
}
