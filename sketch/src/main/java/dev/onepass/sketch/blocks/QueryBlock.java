// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.simd.Floats;

/**
 * Query vectors that are answered together.
 *
 * @param vectors count x dim, row-major, finite
 * @param count number of vectors, at least 0
 * @param dim length of a vector, the key dimension
 * @param scale factor that turns every dot product q.k into a logit
 * @param exponent sums that answer these queries are stated relative to 2^exponent
 */
public record QueryBlock(float[] vectors, int count, int dim, double scale, long exponent) {

  private static final double LN2 = Math.log(2);

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the array is too short for the vectors
   */
  public QueryBlock {
    if (count < 0 || dim < 1 || vectors.length < (long) count * dim) {
      throw new IllegalArgumentException(
          "Expected %d vectors of length %d, got %d values.".formatted(count, dim, vectors.length));
    }
  }

  /**
   * Creates a block of exponent 0.
   *
   * @throws IllegalArgumentException if the array is too short for the vectors
   */
  public QueryBlock(float[] vectors, int count, int dim, double scale) {
    this(vectors, count, dim, scale, 0);
  }

  /** Returns the same queries with another exponent. */
  public QueryBlock withExponent(long other) {
    return new QueryBlock(vectors, count, dim, scale, other);
  }

  /**
   * Returns what is added to logarithms of sums to state them relative to this block's exponent.
   *
   * @param exponentOfSums the exponent that the sums are relative to now
   */
  public double logFactor(long exponentOfSums) {
    return (exponentOfSums - exponent) * LN2;
  }

  /**
   * Copies vectors multiplied by the scale, so that their products with keys are logits. Numbers
   * beyond the range of floats become the largest float.
   *
   * @param first number of the first vector, from 0
   * @param some how many vectors
   * @param out receives some x dim numbers
   */
  public void copyScaled(int first, int some, float[] out) {
    int from = first * dim;
    if (scale == 1) {
      System.arraycopy(vectors, from, out, 0, some * dim);
      return;
    }
    for (int i = 0; i < some * dim; i++) {
      out[i] = Floats.within((float) (vectors[from + i] * scale), Float.MAX_VALUE);
    }
  }
}
