// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import java.util.Arrays;

/**
 * The stated error: a bound on the error of an answer that holds for about 90 % of queries. It is
 * the product of three numbers:
 *
 * <ul>
 *   <li>the deviation that the nearest anchors leave at the query, which grows with the distance
 *       from the anchors. Beyond the reference deviation, which three quarters of the left-out
 *       anchors stay below, its cube counts: far from all anchors, errors grow faster than
 *       deviations;
 *   <li>the local scale: by how much, in such deviations, anchors near the query are missed when
 *       they are left out. Some regions of query space are harder than the kernel expects;
 *   <li>a factor of the sequence: the 90 % quantile of the errors at left-out anchors divided by
 *       their own deviation and local scale, by the rank of split conformal prediction (Lei et al.,
 *       Distribution-free predictive inference for regression, JASA 113, 2018, section 5.2).
 * </ul>
 */
public final class StatedError {

  /** Share of errors that the bound must cover. */
  private static final double COVERED = 0.9;

  /** Share of the left-out anchors whose deviations do not exceed the reference deviation. */
  private static final double WITHIN = 0.75;

  /**
   * Weight of the mean over all left-out anchors in a local scale, in anchors. A scale from the
   * neighbours alone would be as noisy as a few errors are.
   */
  private static final double SHRINKAGE = 4;

  /**
   * What left-out anchors are missed by is optimistic, because the kernel and the base are those
   * that miss them least. Measured on heads, windows and recommender fleets.
   */
  private static final double OPTIMISM = 1.05;

  private final double reference;

  /** Squares of the errors of the left-out anchors, in their grown deviations. */
  private final double[] squares;

  private final double mean;
  private final double factor;

  /**
   * Fits the bound to leave-one-out errors.
   *
   * @param leftOut surroundings of the left-out anchors
   * @param errors distance between the known value of each left-out anchor and its prediction from
   *     all other anchors, in units of the answer
   */
  public StatedError(Surroundings leftOut, double[] errors) {
    reference = quantile(leftOut.deviations(), Math.ceil(WITHIN * errors.length));
    squares = new double[errors.length];
    for (int w = 0; w < errors.length; w++) {
      double ratio = errors[w] / grown(leftOut, w);
      squares[w] = ratio * ratio;
    }
    mean = Arrays.stream(squares).average().orElse(Double.NaN);
    double[] factors = new double[errors.length];
    for (int w = 0; w < factors.length; w++) {
      factors[w] = errors[w] == 0 ? 0 : errors[w] / (grown(leftOut, w) * scale(leftOut, w));
    }
    factor = OPTIMISM * quantile(factors, Math.ceil(COVERED * (errors.length + 1)));
  }

  /**
   * Returns the bound for a query, in units of the answer.
   *
   * @param surroundings surroundings of several queries
   * @param query index of the query, from 0
   * @return the bound; NaN if no anchor was left out
   */
  public double at(Surroundings surroundings, int query) {
    return factor * grown(surroundings, query) * scale(surroundings, query);
  }

  private double scale(Surroundings surroundings, int query) {
    int each = surroundings.neighboursOfEach();
    double sum = SHRINKAGE * mean;
    for (int i = query * each, end = i + each; i < end; i++) {
      sum += squares[surroundings.neighbours()[i]];
    }
    return Math.sqrt(sum / (SHRINKAGE + each));
  }

  /** Returns the deviation, beyond the reference deviation with its cube. */
  private double grown(Surroundings surroundings, int query) {
    double deviation = surroundings.deviations()[query];
    double beyond = Math.max(1, deviation / reference);
    return deviation * beyond * beyond;
  }

  /** Returns the number of a rank from 1, or the largest; NaN if there are no numbers. */
  private static double quantile(double[] numbers, double rank) {
    if (numbers.length == 0) {
      return Double.NaN;
    }
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(rank, sorted.length) - 1];
  }
}
