// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import java.util.Arrays;

/** Small statistics. */
public final class Numbers {
  private Numbers() {}

  /** Returns the median. */
  public static double median(double[] x) {
    return quantile(x, 0.5);
  }

  /** Returns a quantile, interpolated linearly. */
  public static double quantile(double[] x, double share) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    return sortedQuantile(sorted, share);
  }

  /** Returns a quantile of numbers in ascending order. */
  public static double sortedQuantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * Returns the exponent of a power law: the slope of the least-squares line through (ln x, ln y).
   */
  public static double exponent(double[] x, double[] y) {
    double meanX = Arrays.stream(x).map(Math::log).average().orElseThrow();
    double meanY = Arrays.stream(y).map(Math::log).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      products += (Math.log(x[i]) - meanX) * (Math.log(y[i]) - meanY);
      squares += (Math.log(x[i]) - meanX) * (Math.log(x[i]) - meanX);
    }
    return products / squares;
  }

  /** Returns |x|. */
  public static double norm(double[] x) {
    double squares = 0;
    for (double y : x) {
      squares += y * y;
    }
    return Math.sqrt(squares);
  }

  /**
   * Returns the minimum over k-sparse x' of |x' - x| / |x|, the part without the k largest entries;
   * 0 for a column of zeros.
   */
  public static double tail(double[] x, int k) {
    double[] squares = Arrays.stream(x).map(y -> y * y).sorted().toArray();
    double all = Arrays.stream(squares).sum();
    double left = Arrays.stream(squares, 0, Math.max(0, x.length - k)).sum();
    return all > 0 ? Math.sqrt(left / all) : 0;
  }
}
