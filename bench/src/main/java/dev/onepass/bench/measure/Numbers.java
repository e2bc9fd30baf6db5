// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

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

  /**
   * Returns Spearman's rank correlation; equal numbers share the mean of their ranks. NaN if all
   * numbers of x, or all of y, are equal.
   */
  public static double spearman(double[] x, double[] y) {
    double[] a = centredRanks(x);
    double[] b = centredRanks(y);
    double products = IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    return products / (norm(a) * norm(b));
  }

  /**
   * Returns Kendall's tau-a: the share of pairs that both have in the same order, less the share of
   * those in opposite order. A pair that is equal in one of them counts in neither share.
   *
   * @param y as many numbers as {@code x}, at least 2
   */
  public static double kendall(double[] x, double[] y) {
    long agreement = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        agreement += (long) (Math.signum(x[i] - x[j]) * Math.signum(y[i] - y[j]));
      }
    }
    return agreement / (0.5 * x.length * (x.length - 1));
  }

  /** Returns the rank of each number, less the mean of all ranks. */
  private static double[] centredRanks(double[] x) {
    int[] order =
        IntStream.range(0, x.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> x[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[x.length];
    for (int from = 0, to; from < x.length; from = to) {
      to = from + 1;
      while (to < x.length && x[order[to]] == x[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - x.length) / 2.0;
      }
    }
    return ranks;
  }

  /** Returns the geometric mean of positive numbers; NaN if there are none. */
  public static double geometricMean(double[] x) {
    return Math.exp(Arrays.stream(x).map(Math::log).average().orElse(Double.NaN));
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
