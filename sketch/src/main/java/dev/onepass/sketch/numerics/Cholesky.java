// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.simd.Kernels;
import java.util.Optional;

/**
 * A lower triangular matrix L with {@code L L' = A} for a symmetric positive definite A, and the
 * linear systems that it solves.
 */
public final class Cholesky {

  /** Columns that are eliminated from all later columns together. */
  private static final int PANEL = 64;

  private final int dim;
  private final double[] lower;

  private Cholesky(int dim, double[] lower) {
    this.dim = dim;
    this.lower = lower;
  }

  /**
   * Factors a matrix whose smallest eigenvalue is at least a known positive number. No exact pivot
   * is smaller than that number. So a pivot that rounding has made smaller, or negative, is
   * replaced by it: the factorization always ends, and its error is at most that rounding.
   *
   * @param lower lower half of A, row by row; becomes L
   * @param leastPivot the known bound, positive
   */
  static Cholesky factor(int dim, double[] lower, double leastPivot) {
    for (int i = 0, row = 0; i < dim; row += ++i) {
      for (int j = 0, other = 0; j <= i; other += ++j) {
        double sum = lower[row + j];
        for (int l = 0; l < j; l++) {
          sum -= lower[row + l] * lower[other + l];
        }
        lower[row + j] =
            j < i ? sum / lower[other + j] : Math.sqrt(sum > leastPivot ? sum : leastPivot);
      }
    }
    return new Cholesky(dim, lower);
  }

  /**
   * Factors a matrix of any size in place. The work goes by panels of columns, so that the data
   * which is read repeatedly stays in a cache. Every number results from the same operations in the
   * same order as without panels.
   *
   * @param dim order of A, at least 1
   * @param lower lower half of A, row by row, dim (dim + 1) / 2 numbers; becomes L
   * @return empty if A is not positive definite up to rounding; the content of {@code lower} is
   *     undefined then
   * @throws InterruptedWorkException if the thread is interrupted; the content of {@code lower} is
   *     undefined then
   */
  public static Optional<Cholesky> factor(int dim, double[] lower) {
    for (int from = 0; from < dim; from += PANEL) {
      int to = Math.min(dim, from + PANEL);
      for (int i = from; i < dim; i++) {
        if (!finishPanel(lower, i, from, to)) {
          return Optional.empty();
        }
      }
      int i = to;
      for (; i + 1 < dim; i += 2) {
        InterruptedWorkException.check();
        takePanelOutOfTwo(lower, i, from, to);
      }
      if (i < dim) {
        takePanelOut(lower, i, to, i, from, to);
      }
    }
    return Optional.of(new Cholesky(dim, lower));
  }

  /** Returns the index at which row i of the lower half begins. */
  private static int row(int i) {
    return i * (i + 1) / 2;
  }

  /**
   * Finishes row i of a panel from which all earlier panels are eliminated; returns false if the
   * pivot is not positive.
   */
  private static boolean finishPanel(double[] lower, int i, int from, int to) {
    int row = row(i);
    for (int j = from; j < Math.min(i + 1, to); j++) {
      int other = row(j);
      double sum = lower[row + j];
      for (int l = from; l < j; l++) {
        sum -= lower[row + l] * lower[other + l];
      }
      if (j < i) {
        lower[row + j] = sum * (1 / lower[other + j]);
      } else if (sum > 0) {
        lower[row + j] = Math.sqrt(sum);
      } else {
        return false;
      }
    }
    return true;
  }

  /**
   * Eliminates a panel from rows i and i + 1 below it. Eight sums at a time keep the arithmetic
   * units busy.
   */
  private static void takePanelOutOfTwo(double[] lower, int i, int from, int to) {
    int one = row(i);
    int two = one + i + 1;
    int j = to;
    for (; j + 3 <= i; j += 4) {
      int a = row(j);
      int b = a + j + 1;
      int c = b + j + 2;
      int d = c + j + 3;
      double a1 = lower[one + j];
      double b1 = lower[one + j + 1];
      double c1 = lower[one + j + 2];
      double d1 = lower[one + j + 3];
      double a2 = lower[two + j];
      double b2 = lower[two + j + 1];
      double c2 = lower[two + j + 2];
      double d2 = lower[two + j + 3];
      for (int l = from; l < to; l++) {
        double x = lower[one + l];
        double y = lower[two + l];
        a1 -= x * lower[a + l];
        a2 -= y * lower[a + l];
        b1 -= x * lower[b + l];
        b2 -= y * lower[b + l];
        c1 -= x * lower[c + l];
        c2 -= y * lower[c + l];
        d1 -= x * lower[d + l];
        d2 -= y * lower[d + l];
      }
      lower[one + j] = a1;
      lower[one + j + 1] = b1;
      lower[one + j + 2] = c1;
      lower[one + j + 3] = d1;
      lower[two + j] = a2;
      lower[two + j + 1] = b2;
      lower[two + j + 2] = c2;
      lower[two + j + 3] = d2;
    }
    takePanelOut(lower, i, j, i, from, to);
    takePanelOut(lower, i + 1, j, i + 1, from, to);
  }

  /** Eliminates a panel from columns {@code first} to {@code last} of a row. */
  private static void takePanelOut(double[] lower, int i, int first, int last, int from, int to) {
    int row = row(i);
    for (int j = first; j <= last; j++) {
      int other = row(j);
      double sum = lower[row + j];
      for (int l = from; l < to; l++) {
        sum -= lower[row + l] * lower[other + l];
      }
      lower[row + j] = sum;
    }
  }

  /**
   * Replaces x by the solution y of {@code L y = x}; then {@code |y|^2 = x' A^-1 x}.
   *
   * @param x dim numbers
   */
  public void solveLower(double[] x) {
    solveLower(x, dim);
  }

  /**
   * Does the same for the first {@code rows} rows and columns of L, which are the factor of the
   * same rows and columns of A.
   *
   * @param x at least {@code rows} numbers
   * @param rows 1 to dim
   */
  public void solveLower(double[] x, int rows) {
    Kernels.solveLower(lower, rows, x);
  }

  /**
   * Replaces x by {@code A^-1 x}.
   *
   * @param x dim numbers
   */
  public void solve(double[] x) {
    solveLower(x);
    for (int i = dim - 1; i >= 0; i--) {
      int row = i * (i + 1) / 2;
      double solved = x[i] / lower[row + i];
      x[i] = solved;
      for (int l = 0; l < i; l++) {
        x[l] -= lower[row + l] * solved;
      }
    }
  }

  /**
   * Replaces X by {@code A^-1 X}.
   *
   * @param x dim x columns, row-major
   * @param columns at least 1
   */
  public void solve(double[] x, int columns) {
    for (int i = 0; i < dim; i++) {
      int row = i * (i + 1) / 2;
      int l = 0;
      for (; l + 4 <= i; l += 4) {
        subtractFour(row + l, x, l * columns, i * columns, columns);
      }
      for (; l < i; l++) {
        subtract(lower[row + l], x, l * columns, i * columns, columns);
      }
      divide(x, i * columns, lower[row + i], columns);
    }
    for (int i = dim - 1; i >= 0; i--) {
      int row = i * (i + 1) / 2;
      divide(x, i * columns, lower[row + i], columns);
      for (int l = 0; l < i; l++) {
        subtract(lower[row + l], x, i * columns, l * columns, columns);
      }
    }
  }

  /**
   * Subtracts four rows from one row together, so that this row is read and written a fourth as
   * often.
   */
  private void subtractFour(int factors, double[] x, int from, int to, int columns) {
    double a = lower[factors];
    double b = lower[factors + 1];
    double c = lower[factors + 2];
    double d = lower[factors + 3];
    int two = from + columns;
    int three = two + columns;
    int four = three + columns;
    for (int i = 0; i < columns; i++) {
      x[to + i] -= a * x[from + i] + b * x[two + i] + (c * x[three + i] + d * x[four + i]);
    }
  }

  private static void subtract(double factor, double[] x, int from, int to, int columns) {
    for (int i = 0; i < columns; i++) {
      x[to + i] -= factor * x[from + i];
    }
  }

  private static void divide(double[] x, int from, double by, int columns) {
    for (int i = from; i < from + columns; i++) {
      x[i] /= by;
    }
  }
}
