// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.Preamble;

/**
 * The exponent of a sketch: all its sums are relative to 2^exponent. It rises with the largest
 * weight among the tokens. So no weight overflows, decay costs nothing between folds, and sums that
 * it leaves behind fade to 0.
 *
 * <p>Sums are stated relative to a larger exponent by a multiplication with a power of two, which
 * is exact as long as they do not underflow.
 *
 * @param isWeighted whether any token may have had another weight than 1
 * @param value the exponent, at most {@link Preamble#MAX_EXPONENT} in size in stored sketches; 0
 *     unless weighted
 */
public record WeightExponent(boolean isWeighted, long value) {

  /** The exponent of sketches whose tokens all had weight 1. */
  public static final WeightExponent NONE = new WeightExponent(false, 0);

  /** Multiplied by 2^-3000, every double becomes 0. */
  private static final long MOST_POWER = 3000;

  /** Returns the exponent of a stored sketch. */
  public static WeightExponent of(Preamble preamble) {
    return new WeightExponent(preamble.weighted(), preamble.exponent());
  }

  /**
   * Returns the preamble of a sketch of this exponent.
   *
   * @param family id of the sketch's family
   * @param keyDim length of keys
   * @param valueDim length of values
   * @param tokens tokens folded minus tokens retracted
   */
  public Preamble preamble(int family, int keyDim, int valueDim, long tokens) {
    return new Preamble(family, keyDim, valueDim, tokens, isWeighted, value);
  }

  /**
   * Returns the exponent of a sketch after a fold: the larger one of sketch and block.
   *
   * @param block tokens, {@link TokenBlock#normalized() normalized} if sums are linear in weights
   * @param isEmpty whether the sketch has no sums yet, which then takes the block's exponent
   */
  public WeightExponent with(TokenBlock block, boolean isEmpty) {
    boolean weighs = block.isBiased() || block.exponent() != 0;
    return with(new WeightExponent(weighs, block.exponent()), isEmpty, block.count() == 0);
  }

  /**
   * Returns the exponent of the sum of two sketches: the larger one of the two.
   *
   * @param other exponent of the other sketch
   * @param isEmpty whether this sketch has no sums, which then takes the other exponent
   * @param otherIsEmpty whether the other sketch has no sums, so that its exponent does not count
   */
  public WeightExponent with(WeightExponent other, boolean isEmpty, boolean otherIsEmpty) {
    if (otherIsEmpty || !(isWeighted || other.isWeighted)) {
      return this;
    }
    return new WeightExponent(true, isEmpty ? other.value : Math.max(value, other.value));
  }

  /**
   * Returns how often sums of this exponent must be halved to be relative to a later one.
   *
   * @param later the same or a larger exponent
   */
  public long halvingsTo(WeightExponent later) {
    return later.value - value;
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
