package dev.onepass.sketch.polynomial;

/**
 * P_p(x) = sum_{g <= p} x^g / g!, the polynomial that stands for exp, and how far it can be
 * trusted.
 *
 * <p>For even p, P_p is positive everywhere, and {@code e^-x P_p(x)} falls monotonically through 1
 * at x = 0 (its derivative is {@code -e^-x x^p / p!}). So the relative error on [-B, B] is largest
 * at an end, and at -B: {@code e^B P_p(-B) - 1}.
 */
public final class TaylorPolynomial {

  /** No degree above this is considered; 1 % at |x| <= 8 needs 30. */
  public static final int MAX_DEGREE = 64;

  private TaylorPolynomial() {}

  /** P_degree(x), summed as it stands. */
  public static double value(int degree, double x) {
    double term = 1;
    double sum = 1;
    for (int g = 1; g <= degree; g++) {
      term *= x / g;
      sum += term;
    }
    return sum;
  }

  /** Largest relative error |P(x) - e^x| / e^x on [-bound, bound], for an even degree. */
  public static double relativeError(int degree, double bound) {
    // The remainder's own series: e^B P(-B) - 1 would cancel.
    double term = 1;
    for (int g = 1; g <= degree; g++) {
      term *= bound / g;
    }
    double remainder = 0;
    double sign = 1;
    for (int g = degree + 1; g <= degree + 200; g++) {
      term *= bound / g;
      remainder += sign * term;
      sign = -sign;
    }
    return Math.exp(bound) * remainder;
  }

  /**
   * The smallest even degree, at least 2, that keeps the relative error on [-bound, bound] within
   * tolerance; {@link #MAX_DEGREE} if none up to there does.
   */
  public static int degreeFor(double bound, double tolerance) {
    int degree = 2;
    while (degree < MAX_DEGREE && relativeError(degree, bound) > tolerance) {
      degree += 2;
    }
    return degree;
  }

  /** The largest bound up to which an even degree keeps the relative error within tolerance. */
  public static double boundFor(int degree, double tolerance) {
    double low = 0;
    double high = 40;
    for (int i = 0; i < 60; i++) {
      double middle = 0.5 * (low + high);
      if (relativeError(degree, middle) <= tolerance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
