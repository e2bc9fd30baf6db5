// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Arrays;
import java.util.Random;

/**
 * Attention whose output columns are sparse except for a small tail. One token in 16 has a key a
 * and a value of about 1, the others have a key b and a value of about 0. Of n queries, k are
 * similar to a, and the others point away from it. Values are shifted so that the answers of the
 * latter are 0 on average. Columns differ in their sign and in the k queries.
 */
final class Planted {

  final int n;
  final int k;
  final TokenBlock tokens;
  final QueryBlock queries;

  /** The exact outputs, n x dv. */
  final double[] outputs;

  final int valueDim;

  /**
   * Creates such tokens and queries.
   *
   * @param gap difference of the logits of the two kinds of tokens, for a query of either kind
   * @param jitter standard deviation of the noise on keys and queries
   */
  Planted(Random random, int n, int d, int k, double gap, double jitter) {
    this.n = n;
    this.k = k;
    this.valueDim = 2;
    float[] keys = new float[n * d];
    float[] values = new float[n * valueDim];
    float[] vectors = new float[n * d];
    boolean[] looks = new boolean[n];
    random.ints(0, n).distinct().limit(k).forEach(i -> looks[i] = true);
    double side = Math.sqrt(gap / 2);
    for (int j = 0; j < n; j++) {
      boolean special = j % 16 == 5;
      for (int i = 0; i < d; i++) {
        keys[j * d + i] =
            (float) (jitter * random.nextGaussian() + (i == 0 ? special ? side : -side : 0));
        vectors[j * d + i] =
            (float) (jitter * random.nextGaussian() + (i == 0 ? looks[j] ? side : -side : 0));
      }
      values[j * valueDim] = special ? 1 : 0;
      values[j * valueDim + 1] = special ? -1 : 0;
    }
    queries = new QueryBlock(vectors, n, d, 1);
    double[] first = attention(keys, values);
    double[] shift = new double[valueDim];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < valueDim; c++) {
        shift[c] += looks[i] ? 0 : first[i * valueDim + c] / (n - k);
      }
    }
    for (int i = 0; i < n * valueDim; i++) {
      values[i] -= (float) shift[i % valueDim];
    }
    outputs = attention(keys, values);
    tokens = TokenBlock.of(d, valueDim, n, keys, values);
  }

  private double[] attention(float[] keys, float[] values) {
    return ExactAttention.attention(
            queries.vectors(), n, keys, values, n, queries.dim(), valueDim, 1)
        .outputs();
  }

  /** Returns column c of Y. */
  double[] column(int c) {
    double[] y = new double[n];
    Arrays.setAll(y, i -> outputs[i * valueDim + c]);
    return y;
  }

  /** Returns the norm of column c of V. */
  double valueNorm(int c) {
    double squares = 0;
    for (int j = 0; j < n; j++) {
      double v = tokens.values()[j * valueDim + c];
      squares += v * v;
    }
    return Math.sqrt(squares);
  }

  static double norm(double[] y) {
    return Math.sqrt(Arrays.stream(y).map(x -> x * x).sum());
  }

  /** Returns the distance of y to the nearest k-sparse vector. */
  static double tail(double[] y, int k) {
    double[] squares = Arrays.stream(y).map(x -> x * x).sorted().toArray();
    return Math.sqrt(Arrays.stream(squares, 0, y.length - k).sum());
  }
}
