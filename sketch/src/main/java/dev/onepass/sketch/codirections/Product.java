// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import java.util.Arrays;

/**
 * The product M = B_X B_Y' + sum_j x_j y_j' of the columns and the buffer of a sketch, as an
 * operator. Multiplying by it takes time in proportion to the columns and to the entries of the
 * buffer that are not 0; M itself is never made.
 *
 * @param left B_X, left dim x used
 * @param right B_Y', used x right dim
 * @param used number of columns
 * @param features makes x_j of the rows {@code keys}
 * @param keys one row per pair
 * @param values y_j, one row per pair
 */
record Product(
    float[] left,
    float[] right,
    int used,
    RowFeatures features,
    SparseRows keys,
    SparseRows values) {

  /**
   * Returns M v, left dim x width.
   *
   * @param v right dim x width
   * @param width columns of v
   */
  double[] times(double[] v, int width) {
    int dim = values.dim();
    double[] product = new double[Math.multiplyExact(features.dim(), width)];
    double[] inner = new double[used * width];
    for (int i = 0; i < used; i++) {
      for (int c = 0; c < dim; c++) {
        addTimes(right[i * dim + c], v, c * width, inner, i * width, width);
      }
    }
    for (int r = 0; r < features.dim(); r++) {
      for (int i = 0; i < used; i++) {
        addTimes(left[r * used + i], inner, i * width, product, r * width, width);
      }
    }
    double[] row = new double[width];
    for (int j = 0; j < keys.rows(); j++) {
      Arrays.fill(row, 0);
      for (int e = values.begin(j); e < values.begin(j + 1); e++) {
        addTimes(values.value(e), v, values.index(e) * width, row, 0, width);
      }
      int count = features.expand(keys, j);
      for (int f = 0; f < count; f++) {
        addTimes(features.value(f), row, 0, product, features.index(f) * width, width);
      }
    }
    return product;
  }

  /**
   * Returns M' z, right dim x width.
   *
   * @param z left dim x width
   * @param width columns of z
   */
  double[] transposedTimes(double[] z, int width) {
    int dim = values.dim();
    double[] product = new double[dim * width];
    double[] inner = new double[used * width];
    for (int r = 0; r < features.dim(); r++) {
      for (int i = 0; i < used; i++) {
        addTimes(left[r * used + i], z, r * width, inner, i * width, width);
      }
    }
    for (int i = 0; i < used; i++) {
      for (int c = 0; c < dim; c++) {
        addTimes(right[i * dim + c], inner, i * width, product, c * width, width);
      }
    }
    double[] row = new double[width];
    for (int j = 0; j < keys.rows(); j++) {
      Arrays.fill(row, 0);
      int count = features.expand(keys, j);
      for (int f = 0; f < count; f++) {
        addTimes(features.value(f), z, features.index(f) * width, row, 0, width);
      }
      for (int e = values.begin(j); e < values.begin(j + 1); e++) {
        addTimes(values.value(e), row, 0, product, values.index(e) * width, width);
      }
    }
    return product;
  }

  /**
   * Returns |M|_F^2, from some columns of M at a time.
   *
   * @param width how many columns are made at a time
   */
  double squares(int width) {
    int dim = values.dim();
    double squares = 0;
    for (int from = 0; from < dim; from += width) {
      double[] identity = new double[dim * width];
      for (int c = from; c < Math.min(dim, from + width); c++) {
        identity[c * width + c - from] = 1;
      }
      squares += squares(times(identity, width));
    }
    return squares;
  }

  /** Returns the sum of the squares of some numbers. */
  static double squares(double[] x) {
    double squares = 0;
    for (double each : x) {
      squares += each * each;
    }
    return squares;
  }

  private static void addTimes(
      double factor, double[] from, int fromOffset, double[] to, int toOffset, int count) {
    for (int i = 0; i < count; i++) {
      to[toOffset + i] += factor * from[fromOffset + i];
    }
  }
}
