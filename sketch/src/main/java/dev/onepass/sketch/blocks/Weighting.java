// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;

/**
 * The power of two that all sums of a sketch are relative to. It rises with the weights of new
 * tokens, so that decay costs nothing between folds and no sum overflows.
 *
 * @param isWeighted whether any token had another weight than 1
 * @param exponent the sums are those of the tokens times 2^-exponent; 0 unless weighted
 */
public record Weighting(boolean isWeighted, long exponent) {

  /** The weighting of sketches whose tokens all had weight 1. */
  public static final Weighting NONE = new Weighting(false, 0);

  /** The largest size of an exponent in stored sketches; differences do not overflow. */
  private static final long MOST = Long.MAX_VALUE / 2;

  /**
   * Reads the weighting of a stored sketch.
   *
   * @throws CorruptSketchException if the exponent is too large
   */
  public static Weighting of(Preamble preamble) {
    long exponent = preamble.exponent();
    if (exponent > MOST || exponent < -MOST) {
      throw new CorruptSketchException(
          "exponent: expected at most %d in size, got %d".formatted(MOST, exponent));
    }
    return new Weighting(preamble.weighted(), exponent);
  }

  /**
   * Returns the weighting of a sketch after a fold.
   *
   * @param block the tokens that are folded
   * @param isEmpty whether the sketch has no sums yet, so that only the block counts
   */
  public Weighting with(TokenBlock block, boolean isEmpty) {
    if (block.count() == 0 || !(isWeighted || block.isBiased() || block.exponent() != 0)) {
      return this;
    }
    return with(new Weighting(true, block.normalized().exponent()), isEmpty, false);
  }

  /**
   * Returns the weighting of the sum of two sketches.
   *
   * @param isEmpty whether this sketch has no sums
   * @param otherIsEmpty whether the other sketch has no sums
   */
  public Weighting with(Weighting other, boolean isEmpty, boolean otherIsEmpty) {
    if (otherIsEmpty || !(isWeighted || other.isWeighted)) {
      return this;
    }
    return new Weighting(true, isEmpty ? other.exponent : Math.max(exponent, other.exponent));
  }

  /**
   * Returns how often sums of this weighting must be halved to be relative to a later one.
   *
   * @param later a weighting of the same or a larger exponent
   */
  public long halvingsTo(Weighting later) {
    return later.exponent - exponent;
  }
}
