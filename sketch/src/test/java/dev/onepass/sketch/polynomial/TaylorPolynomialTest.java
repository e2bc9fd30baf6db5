// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaylorPolynomialTest {

  // B = 0.5, 1, 2, 4, 8 need degrees 3, 5, 8, 15, 30 for 1 %; here the degrees are even.
  @ParameterizedTest
  @CsvSource({"0.5,4", "1,6", "2,8", "4,16", "8,30"})
  void degreesForOnePercentAreTheKnownOnes(double bound, int degree) {
    assertThat(TaylorPolynomial.degreeFor(bound, 0.01)).isEqualTo(degree);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5,0.1",
    "0.5,0.01",
    "0.5,1e-6",
    "1,0.1",
    "1,0.01",
    "1,1e-6",
    "2,0.1",
    "2,0.01",
    "2,1e-6",
    "4,0.1",
    "4,0.01",
    "4,1e-6",
    "8,0.1",
    "8,0.01",
    "8,1e-6"
  })
  void theDegreeChosenKeepsThePromiseAndTheNextLowerOneDoesNot(double bound, double tolerance) {
    int degree = TaylorPolynomial.degreeFor(bound, tolerance);
    assertThat(degree % 2).isZero();
    // Computing P in doubles cancels up to e^2B units in the last place: 1e-9 at B = 8.
    double rounding = 1e-16 * Math.exp(2 * bound);
    assertThat(worst(degree, bound)).isLessThanOrEqualTo(tolerance + rounding);
    assertThat(worst(degree, bound))
        .isCloseTo(
            TaylorPolynomial.relativeError(degree, bound), within(rounding + 1e-9 * tolerance));
    assertThat(degree).isGreaterThanOrEqualTo(2);
    if (degree > 2) {
      assertThat(worst(degree - 2, bound)).isGreaterThan(tolerance);
    }
  }

  /**
   * The degree grows with the bound B and the tolerance eps as arXiv 2302.13214 says, in the order
   * of max(B, ln(1/eps) / ln(ln(1/eps) / B)). The e in the test's formula covers tolerances that
   * are large for the bound. The smallest and the largest ratio are 1.33 and 4.25.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 1, 2, 4, 8, 12})
  void theDegreeIsOfTheOrderOfThePaper(double bound) {
    for (double tolerance : new double[] {0.1, 0.01, 1e-4, 1e-6, 1e-9, 1e-12}) {
      double digits = -Math.log(tolerance);
      double order = Math.max(bound, digits / Math.log(Math.E + digits / bound));
      assertThat(TaylorPolynomial.degreeFor(bound, tolerance) / order)
          .as("B = %s, eps = %s", bound, tolerance)
          .isBetween(1.3, 4.3);
    }
  }

  /** Returns the largest |P(x) - e^x| / e^x on a grid that contains both ends. */
  private static double worst(int degree, double bound) {
    double worst = 0;
    for (int i = -1000; i <= 1000; i++) {
      double x = bound * i / 1000;
      worst = Math.max(worst, Math.abs(TaylorPolynomial.value(degree, x) * Math.exp(-x) - 1));
    }
    return worst;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8, 16, 30, 64})
  void evenDegreesArePositiveEverywhere(int degree) {
    for (double x = -40; x <= 40; x += 0.25) {
      // Doubles compute P to e^|x| units; if the true value is larger, the sign must be right.
      if (Math.pow(Math.abs(x), degree) > 1e-12 * Math.exp(Math.abs(x)) || Math.abs(x) < 8) {
        assertThat(TaylorPolynomial.value(degree, x)).as("P(%s)", x).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2,0.01", "4,0.01", "6,0.1", "8,1e-6", "16,0.01", "30,0.01", "64,1e-9"})
  void boundForInvertsRelativeError(int degree, double tolerance) {
    double bound = TaylorPolynomial.boundFor(degree, tolerance);
    // The error grows like x^(degree + 1), so 1e-9 of x is at most 1e-7 of the error.
    assertThat(TaylorPolynomial.relativeError(degree, bound))
        .isCloseTo(tolerance, within(1e-6 * tolerance));
    assertThat(TaylorPolynomial.degreeFor(bound * (1 - 1e-9), tolerance)).isEqualTo(degree);
    assertThat(TaylorPolynomial.degreeFor(bound * (1 + 1e-9), tolerance))
        .isEqualTo(Math.min(degree + 2, TaylorPolynomial.MAX_DEGREE));
  }
}
