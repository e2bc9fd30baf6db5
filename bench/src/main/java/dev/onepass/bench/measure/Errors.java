// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

/** Errors of answers; matrices have one row for each query. */
public final class Errors {
  private Errors() {}

  /** Returns |A|_F. */
  public static double norm(double[][] a) {
    double squares = 0;
    for (double[] row : a) {
      squares += squares(row);
    }
    return Math.sqrt(squares);
  }

  /** Returns |A - B|_F. */
  public static double distance(double[][] a, double[][] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += squaredDistance(a[i], b[i]);
    }
    return Math.sqrt(squares);
  }

  /** Returns |A - B|_F. */
  public static double distance(float[][] a, double[][] b) {
    return distance(Columns.doubles(a), b);
  }

  /** Returns |A - B|_F / |B|_F. */
  public static double relative(double[][] a, double[][] b) {
    return distance(a, b) / norm(b);
  }

  /** Returns |A - B|_F / |B|_F. */
  public static double relative(float[][] a, double[][] b) {
    return distance(a, b) / norm(b);
  }

  /** Returns the median over rows of |a_i - b_i| / |b_i|. */
  public static double medianRelative(double[][] a, double[][] b) {
    double[] errors = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      errors[i] = Math.sqrt(squaredDistance(a[i], b[i]) / squares(b[i]));
    }
    return Numbers.median(errors);
  }

  /** Returns the root mean square over rows of |a_i - b_i|. */
  public static double rootMeanSquare(double[][] a, double[][] b) {
    return distance(a, b) / Math.sqrt(a.length);
  }

  /** Returns the root mean square of |v_j| over the rows of a row-major matrix. */
  public static double rootMeanSquare(float[] v, int rows, int dim) {
    double squares = 0;
    for (int i = 0; i < rows * dim; i++) {
      squares += (double) v[i] * v[i];
    }
    return Math.sqrt(squares / rows);
  }

  /** Returns one column of a matrix. */
  public static double[] column(double[][] a, int c) {
    double[] column = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      column[i] = a[i][c];
    }
    return column;
  }

  private static double squares(double[] x) {
    double squares = 0;
    for (double y : x) {
      squares += y * y;
    }
    return squares;
  }

  private static double squaredDistance(double[] a, double[] b) {
    double squares = 0;
    for (int c = 0; c < a.length; c++) {
      squares += (a[c] - b[c]) * (a[c] - b[c]);
    }
    return squares;
  }
}
