package dev.onepass.sketch.moment;

/**
 * A lower triangular L with {@code L L' = A} for a symmetric A whose smallest eigenvalue is known
 * to be at least some positive number. No pivot of such a matrix is smaller, so one that rounding
 * has made smaller, or negative, is put back there: the factorization always ends, and it is off by
 * no more than that rounding.
 */
public final class Cholesky {

  private final int dim;
  private final double[] lower;

  /**
   * @param lower lower half of A, row by row; becomes L
   * @param leastPivot positive
   */
  Cholesky(int dim, double[] lower, double leastPivot) {
    this.dim = dim;
    this.lower = lower;
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
  }

  /**
   * Replaces x by the solution of {@code L y = x}; then {@code |y|^2 = x' A^-1 x}.
   *
   * @param x dim numbers
   */
  public void solveLower(double[] x) {
    for (int i = 0, row = 0; i < dim; row += ++i) {
      double sum = x[i];
      for (int l = 0; l < i; l++) {
        sum -= lower[row + l] * x[l];
      }
      x[i] = sum / lower[row + i];
    }
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
      x[i] /= lower[row + i];
      for (int l = 0; l < i; l++) {
        x[l] -= lower[row + l] * x[i];
      }
    }
  }
}
