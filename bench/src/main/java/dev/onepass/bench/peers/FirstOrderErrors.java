// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.simd.Kernels;

/**
 * Scores of tokens by what is lost if moments replace them: the expectation over past queries of
 * exp(x) - 1 - x, where x is a token's logit less that of the mean key, times the distance of its
 * value from the mean value. All follows from the tokens and is not stored.
 */
final class FirstOrderErrors {

  /** Exponents above this one count as this one, so that squares are finite. */
  private static final double MOST = 300;

  private final int count;
  private final PastQueries queries;
  private final int valueDim;
  private final float[] projected;
  private final double[] variances;
  private final double[] logits;
  private final float[] values;
  private final double[] squares;

  /** Creates scores of a number of tokens. */
  FirstOrderErrors(int count, int valueDim, PastQueries queries) {
    this.count = count;
    this.queries = queries;
    this.valueDim = valueDim;
    this.projected = new float[count * queries.mean().length];
    this.variances = new double[count];
    this.logits = new double[count];
    this.values = new float[count * valueDim];
    this.squares = new double[count];
  }

  /** Replaces a token. */
  void put(int token, float[] key, float[] value) {
    float[] own = queries.project(key);
    System.arraycopy(own, 0, projected, token * own.length, own.length);
    variances[token] = square(own);
    logits[token] = queries.logit(key);
    System.arraycopy(value, 0, values, token * valueDim, valueDim);
    squares[token] = square(value);
  }

  /** Returns the token with the smallest score if all tokens are compared to these means. */
  int least(float[] meanKey, float[] meanValue) {
    float[] centre = queries.project(meanKey);
    double logit = queries.logit(meanKey);
    double[] variance = distances(centre, projected, variances);
    double[] distance = distances(meanValue, values, squares);
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int token = 0; token < count; token++) {
      double x = logits[token] - logit;
      double excess = Math.expm1(Math.min(MOST, x + variance[token] / 2)) - x;
      double score = excess * excess * distance[token];
      if (score < least) {
        least = score;
        best = token;
      }
    }
    return best;
  }

  /** Returns the square distances of rows from a point. */
  private double[] distances(float[] point, float[] rows, double[] rowSquares) {
    double[] distances = new double[count];
    Kernels.logits(point, 0, -2, rows, count, point.length, distances);
    double square = square(point);
    for (int token = 0; token < count; token++) {
      distances[token] = Math.max(0, distances[token] + square + rowSquares[token]);
    }
    return distances;
  }

  private static double square(float[] x) {
    double square = 0;
    for (float y : x) {
      square += (double) y * y;
    }
    return square;
  }
}
