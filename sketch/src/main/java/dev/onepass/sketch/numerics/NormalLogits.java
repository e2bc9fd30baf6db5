// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

/**
 * What sums over logits would be if the logits were normally distributed.
 *
 * <p>n logits of deviation s reach no further than about sqrt(2 ln n) deviations. Up to s = sqrt(2
 * ln n) the mean of exp is that of the normal distribution; beyond it, the largest few logits have
 * all the mass and ln of the sum grows linearly, as in the random energy model (Derrida, Physical
 * Review B 24, 1981).
 */
public final class NormalLogits {

  /**
   * How far ln of a sum of exp lies on the way from a polynomial of degree 2 to the value of normal
   * logits. Logits of attention heads have lighter tails than normal ones: 0.68 and 0.65 on average
   * on two heads whose logits deviate by 3.1 and 5.1.
   */
  private static final double OF_HEADS = 2.0 / 3;

  private NormalLogits() {}

  /**
   * Returns the likely ln of a sum of exp over logits of an attention head.
   *
   * @param ofPolynomial what a Taylor polynomial gives, too low if there are large logits
   * @param ofNormal what normal logits would give
   */
  public static double likely(double ofPolynomial, double ofNormal) {
    return ofPolynomial + OF_HEADS * (ofNormal - ofPolynomial);
  }

  /**
   * Returns the logarithm of the mean of exp over the logits.
   *
   * @param count number of logits n, at least 1
   * @param mean mean of the logits
   * @param deviation deviation s of the logits, at least 0
   */
  public static double logMeanOfExp(double count, double mean, double deviation) {
    double most = Math.sqrt(2 * Math.log(Math.max(1, count)));
    return mean
        + (deviation > most ? deviation * most - 0.5 * most * most : 0.5 * deviation * deviation);
  }

  /**
   * Returns the mean over the logits of the Taylor polynomial of exp: {@code sum_{g <= p} E[x^g] /
   * g!}.
   *
   * @param degree degree p of the polynomial
   * @param mean mean of the logits
   * @param deviation deviation of the logits, at least 0
   */
  public static double meanOfTaylor(int degree, double mean, double deviation) {
    // E[x^g] = mean E[x^(g-1)] + (g-1) s^2 E[x^(g-2)], divided by g!.
    double before = 0;
    double term = 1;
    double sum = 1;
    for (int g = 1; g <= degree; g++) {
      double next = (mean * term + deviation * deviation * before) / g;
      before = term;
      term = next;
      sum += term;
    }
    return sum;
  }
}
