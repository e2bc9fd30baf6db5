package dev.onepass.sketch.moment;

import dev.onepass.sketch.kernel.Kernels;

/**
 * A lower triangular L with {@code L L' = A} for a symmetric, positive definite A, and what is
 * solved with it.
 */
public final class Cholesky {

  private final int dim;
  private final double[] lower;

  private Cholesky(int dim, double[] lower) {
    this.dim = dim;
    this.lower = lower;
  }

  /**
   * A factor that is known.
   *
   * @param lower L, row by row, dim (dim + 1) / 2 numbers; not copied
   */
  public static Cholesky of(int dim, double[] lower) {
    return new Cholesky(dim, lower);
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
