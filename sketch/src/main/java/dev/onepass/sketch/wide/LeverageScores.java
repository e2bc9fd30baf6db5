// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wide;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.numerics.SecondMoment;
import java.util.Arrays;

/**
 * Ridge leverage scores of the columns c_i of a matrix X of n centred keys (Cohen, Musco and Musco,
 * arXiv 1511.07263): {@code c_i' (X X' + lambda I)^-1 c_i} with {@code lambda = |X|_F^2 / m}. They
 * lie in [0, 1), and their sum, the effective dimension for this ridge, is below m. The score of a
 * column measures the part of it that the other columns cannot express.
 */
final class LeverageScores {

  private LeverageScores() {}

  /**
   * Returns one score per coordinate, at a cost of n^2 d multiplications.
   *
   * @param keys at least one token
   * @param columns number m of columns to choose
   */
  static double[] of(TokenBlock keys, int columns) {
    int d = keys.keyDim();
    int n = keys.count();
    double[] mean = mean(keys);
    SecondMoment gram = new SecondMoment(n);
    double[] column = new double[n];
    for (int i = 0; i < d; i++) {
      copyColumn(keys, i, mean[i], column);
      gram.add(column, 1);
    }
    double[] scores = new double[d];
    double ridge = gram.trace() / columns;
    if (ridge > 0) {
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      Cholesky factor = gram.factor(ones, ridge);
      for (int i = 0; i < d; i++) {
        copyColumn(keys, i, mean[i], column);
        factor.solveLower(column);
        for (double x : column) {
          scores[i] += x * x;
        }
      }
    }
    return scores;
  }

  /** Returns, for each coordinate, the sum of the square distances of the keys from their mean. */
  static double[] spread(TokenBlock keys) {
    double[] mean = mean(keys);
    double[] spread = new double[mean.length];
    for (int e = 0; e < keys.count() * mean.length; e++) {
      double x = keys.keys()[e] - mean[e % mean.length];
      spread[e % mean.length] += x * x;
    }
    return spread;
  }

  private static double[] mean(TokenBlock keys) {
    double[] mean = new double[keys.keyDim()];
    for (int e = 0; e < keys.count() * mean.length; e++) {
      mean[e % mean.length] += keys.keys()[e];
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= Math.max(1, keys.count());
    }
    return mean;
  }

  private static void copyColumn(TokenBlock keys, int i, double mean, double[] column) {
    for (int j = 0; j < column.length; j++) {
      column[j] = keys.keys()[j * keys.keyDim() + i] - mean;
    }
  }
}
