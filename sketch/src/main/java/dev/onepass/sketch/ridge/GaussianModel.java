// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.ridge;

import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.numerics.NormalLogits;
import dev.onepass.sketch.numerics.SecondMoment;
import java.util.Arrays;

/**
 * Keys as N(mu, Sigma) and values linear in the keys; {@link RidgeSketch} derives the answers. It
 * is made once for many queries: making it takes d^3 / 6 multiplications, a query takes d (1.5 d +
 * dv).
 */
final class GaussianModel {

  /** The least ridge relative to the mean variance. A smaller one would invert rounding. */
  private static final double LEAST_RIDGE = 0x1p-40;

  private final double logTokens;
  private final double logWeight;
  private final double[] meanKey;
  private final double[] meanValue;
  private final SecondMoment covariance;
  private final double[] slope;
  private final double ridge;
  private final Cholesky factor;

  /**
   * Creates a model. Means and covariances are sums over the mass. The ridge and the reach of n
   * logits depend on how many tokens there are, not on a factor that all weights have in common, so
   * n is the effective number of tokens; each has the weight mass / n.
   *
   * @param moments sums of positive mass
   * @param count number of tokens, at least 1
   * @param penalty weight of the ridge, in tokens, at least 0
   */
  GaussianModel(Moments moments, long count, double penalty) {
    int d = moments.keys.length;
    int dv = moments.values.length;
    double mass = moments.mass;
    double tokens = moments.effectiveTokens(count);
    logTokens = Math.log(tokens);
    logWeight = Math.log(mass / tokens);
    meanKey = over(moments.keys, mass);
    meanValue = over(moments.values, mass);
    covariance = moments.squares.covariance(moments.keys, mass);
    slope = new double[d * dv];
    for (int i = 0; i < d; i++) {
      for (int c = 0, p = i * dv; c < dv; c++, p++) {
        slope[p] = moments.products[p] / mass - meanKey[i] * meanValue[c];
      }
    }
    ridge = Math.max(0, covariance.trace()) / d * (penalty / tokens + LEAST_RIDGE);
    double[] ones = new double[d];
    Arrays.fill(ones, 1);
    factor = ridge > 0 ? covariance.factor(ones, ridge) : null;
  }

  private static double[] over(double[] sums, double mass) {
    double[] means = new double[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = sums[i] / mass;
    }
    return means;
  }

  /**
   * Writes y(q) and returns ln den(q), for keys relative to the centre of the sums.
   *
   * @param query q including the scale, d numbers
   * @param output receives dv numbers
   * @param weighed whether ln den is that of logits of attention heads instead of normal ones
   */
  double answer(double[] query, double[] output, boolean weighed) {
    int d = query.length;
    double[] shift = new double[d];
    covariance.multiply(query, shift);
    double meanLogit = 0;
    double variance = 0;
    for (int i = 0; i < d; i++) {
      meanLogit += query[i] * meanKey[i];
      variance += query[i] * shift[i];
    }
    double deviation = Math.sqrt(Math.max(0, variance));
    double most = Math.sqrt(2 * logTokens);
    System.arraycopy(meanValue, 0, output, 0, output.length);
    if (factor != null) {
      factor.solve(shift);
      double reach = deviation > most ? most / deviation : 1;
      for (int i = 0; i < d; i++) {
        for (int c = 0, p = i * output.length; c < output.length; c++, p++) {
          output[c] += reach * shift[i] * slope[p];
        }
      }
    }
    double logSum = deviation > most ? deviation * most : logTokens + 0.5 * deviation * deviation;
    if (weighed) {
      logSum = NormalLogits.likely(logTokens + Math.log1p(0.5 * deviation * deviation), logSum);
    }
    return meanLogit + logSum + logWeight;
  }
}
