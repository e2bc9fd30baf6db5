// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * The predictive variance that the first S anchors leave by the Matern kernel alone. It stands for
 * the variance that all anchors leave (a subset-of-data approximation; Quinonero-Candela and
 * Rasmussen, JMLR 6, 2005): {@code 1 - |L^-1 g|^2}, where g is the kernel between a query and the
 * anchors, and L L' is the kernel between the anchors plus the nugget. As {@code g = 1 -
 * variograms}, L^-1 g is one matrix product for all queries.
 */
final class SubsetVariance {

  /** Lower bound of a reported variance. */
  private static final double LEAST_VARIANCE = 1e-6;

  private final int count;

  /** L^-1 1, S numbers. */
  private final float[] level;

  /** -(L^-1)', S x S. */
  private final float[] ofVariograms;

  /**
   * Factors the covariance of the first anchors.
   *
   * @param anchors anchors in query space
   * @param count number S of the first anchors to use
   */
  SubsetVariance(EmbeddedQueries anchors, Kernel kernel, int count) {
    this.count = count;
    Kernel matern = kernel.withoutOverlap();
    Cholesky factor = matern.factor(anchors, count);
    double[] column = new double[count];
    Arrays.fill(column, 1);
    factor.solveLower(column);
    level = Floats.of(column);
    ofVariograms = new float[count * count];
    for (int s = 0; s < count; s++) {
      Arrays.fill(column, 0);
      column[s] = -1;
      factor.solveLower(column);
      for (int i = 0; i < count; i++) {
        ofVariograms[s * count + i] = (float) column[i];
      }
    }
  }

  /**
   * Computes the standard deviations that remain of the answers to queries.
   *
   * @param variograms n x stride, row-major; the first S columns belong to the S anchors
   * @param queries number of queries n
   * @param stride columns of a row of {@code variograms}, at least S
   * @param out receives n deviations, relative to the prior deviation
   */
  void deviations(float[] variograms, int queries, int stride, double[] out) {
    float[] own = new float[queries * count];
    float[] solved = new float[queries * count];
    for (int q = 0; q < queries; q++) {
      System.arraycopy(variograms, q * stride, own, q * count, count);
      System.arraycopy(level, 0, solved, q * count, count);
    }
    Kernels.addProduct(own, queries, count, ofVariograms, count, solved);
    for (int q = 0; q < queries; q++) {
      double left = 1 - Floats.squareSum(solved, q * count, count);
      out[q] = Math.sqrt(left > LEAST_VARIANCE ? left : LEAST_VARIANCE);
    }
  }

  /** Returns the number of multiplications, each with an addition, that one query takes. */
  int multiplyAdds() {
    return count * (count + 1);
  }

  /** Returns the bytes of memory for {@code count} anchors. */
  static long bytes(long count) {
    return Float.BYTES * count * (count + 1);
  }
}
