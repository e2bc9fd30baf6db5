// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

/** The upper tail of the standard normal distribution. */
public final class NormalTail {

  private NormalTail() {}

  /**
   * Returns P(Z > z) with an absolute error of at most 1e-7 (Abramowitz and Stegun, Handbook of
   * Mathematical Functions, 26.2.17).
   *
   * @param z any number but NaN
   */
  public static double above(double z) {
    if (z < 0) {
      return 1 - above(-z);
    }
    if (z == Double.POSITIVE_INFINITY) {
      return 0;
    }
    double u = 1 / (1 + 0.2316419 * z);
    double series =
        u
            * (0.319381530
                + u * (-0.356563782 + u * (1.781477937 + u * (-1.821255978 + u * 1.330274429))));
    return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) * series;
  }
}
