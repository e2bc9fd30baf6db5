// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import java.util.Arrays;

/**
 * The stated error: a bound, from the deviation that the first anchors leave, that holds for about
 * 90 % of queries.
 *
 * <p>Let ref be the deviation below which a quarter of the left-out anchors lie. Up to ref, the
 * bound grows with the deviation, beyond it with the square of the deviation. Near the anchors, all
 * anchors together leave only a small part of the deviation that the first anchors leave; far from
 * all of them, they leave most of it. A factor measured among the anchors is therefore too small
 * elsewhere. The square errs on the safe side for the attention heads that were measured.
 */
public final class StatedError {

  /** Share of errors that the bound must cover. */
  private static final double COVERED = 0.9;

  /** Share of left-out anchors at or below the reference deviation. */
  private static final double WITHIN = 0.25;

  private final double reference;
  private final double factor;

  /**
   * Fits the bound to leave-one-out errors.
   *
   * @param deviations deviations of the left-out anchors
   * @param reference the {@link #referenceDeviation} of {@code deviations}
   * @param errors distance between the known value of each left-out anchor and its prediction from
   *     all other anchors, in units of the answer
   */
  public StatedError(double[] deviations, double reference, double[] errors) {
    this.reference = reference;
    double[] factors = new double[errors.length];
    for (int w = 0; w < factors.length; w++) {
      factors[w] = errors[w] / grown(deviations[w]);
    }
    factor = quantile(factors, COVERED);
  }

  /**
   * Returns the deviation up to which the bound grows linearly.
   *
   * @param deviations deviations of the left-out anchors
   * @return the lower quartile; NaN if there are no deviations
   */
  static double referenceDeviation(double[] deviations) {
    return quantile(deviations, WITHIN);
  }

  /**
   * Returns the bound for a query, in units of the answer.
   *
   * @param deviation deviation of the query, relative to the prior
   * @return the bound; NaN if no anchor was left out
   */
  public double at(double deviation) {
    return factor * grown(deviation);
  }

  private double grown(double deviation) {
    return deviation * Math.max(1, deviation / reference);
  }

  /**
   * Returns the smallest number that at least this share of the numbers does not exceed; NaN if
   * there are no numbers.
   */
  private static double quantile(double[] numbers, double share) {
    if (numbers.length == 0) {
      return Double.NaN;
    }
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
