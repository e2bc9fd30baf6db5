// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

/**
 * {@code P_p(x) = sum_{g <= p} x^g / g!}, the polynomial that replaces exp, and its accuracy.
 *
 * <p>For even p, P_p is positive everywhere, and {@code e^-x P_p(x)} falls monotonically through 1
 * at x = 0 (its derivative is {@code -e^-x x^p / p!}). So the relative error on [-B, B] is largest
 * at an end, namely at -B: {@code e^B P_p(-B) - 1}.
 */
public final class TaylorPolynomial {

  /** The largest degree considered; 1 % up to |x| = 8 needs degree 30. */
  public static final int MAX_DEGREE = 64;

  private TaylorPolynomial() {}

  /**
   * Returns P_degree(x), summed term by term.
   *
   * @param degree even, at least 2
   * @param x any number
   */
  public static double value(int degree, double x) {
    double term = 1;
    double sum = 1;
    for (int g = 1; g <= degree; g++) {
      term *= x / g;
      sum += term;
    }
    return sum;
  }

  /**
   * Returns the largest relative error |P(x) - e^x| / e^x on [-bound, bound].
   *
   * @param degree even
   * @param bound positive
   */
  public static double relativeError(int degree, double bound) {
    // Sums the series of the remainder, because e^B P(-B) - 1 would cancel.
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
   * Returns the smallest even degree, at least 2, that keeps the relative error on [-bound, bound]
   * within the tolerance; {@link #MAX_DEGREE} if no smaller degree does.
   *
   * @param bound positive
   * @param tolerance relative error, in (0, 1)
   */
  public static int degreeFor(double bound, double tolerance) {
    int degree = 2;
    while (degree < MAX_DEGREE && relativeError(degree, bound) > tolerance) {
      degree += 2;
    }
    return degree;
  }

  /**
   * Returns the largest bound, up to 40, for which an even degree keeps the relative error within
   * the tolerance.
   *
   * @param degree even, at least 2
   * @param tolerance relative error, in (0, 1)
   */
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
