package dev.onepass.sketch.numerics;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.simd.Kernels;
import java.util.Optional;

/**
 * A lower triangular L with {@code L L' = A} for a symmetric, positive definite A, and what is
 * solved with it.
 */
public final class Cholesky {

  /** Columns that are taken out of all others at once. */
  private static final int PANEL = 64;

  private final int dim;
  private final double[] lower;

  private Cholesky(int dim, double[] lower) {
    this.dim = dim;
    this.lower = lower;
  }

  /**
   * Factors an A whose smallest eigenvalue is known to be at least some positive number. No pivot
   * of such a matrix is smaller, so one that rounding has made smaller, or negative, is put back
   * there: the factorization always ends, and it is off by no more than that rounding.
   *
   * @param lower lower half of A, row by row; becomes L
   * @param leastPivot positive
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
   * Factors A in the place of its lower half, whatever its size. The work goes by panels of
   * columns, so that what is read over and over stays in a cache; every number comes of the same
   * operations in the same order as without panels.
   *
   * @param lower lower half of A, row by row, dim (dim + 1) / 2 numbers; becomes L
   * @return nothing if A is not positive definite as far as rounding tells; {@code lower} is spoilt
   *     then
   * @throws InterruptedWorkException if the thread is interrupted; {@code lower} is spoilt then
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

  /** Where row i of the lower half begins. */
  private static int row(int i) {
    return i * (i + 1) / 2;
  }

  /** Row i of the panel, from which all panels before were taken out; false without a pivot. */
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

  /** Takes a panel out of rows i and i + 1 behind it: eight sums at a time keep the units busy. */
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

  /** Takes a panel out of columns {@code first} to {@code last} of a row. */
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
   * Replaces x by the solution of {@code L y = x}; then {@code |y|^2 = x' A^-1 x}.
   *
   * @param x dim numbers
   */
  public void solveLower(double[] x) {
    solveLower(x, dim);
  }

  /**
   * The same for the first {@code rows} rows and columns of L, which are the factor of those of A.
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

  /** Four rows out of one at once: that row is read and written a fourth as often. */
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
