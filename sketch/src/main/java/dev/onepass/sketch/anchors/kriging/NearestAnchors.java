// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The predictive deviation that the nearest anchors of a query leave by the Matern kernel. It
 * stands for the deviation that all anchors leave: near observations screen the influence of
 * distant ones (Stein, The screening effect in kriging, Annals of Statistics 30, 2002).
 */
final class NearestAnchors {

  /** Maximum number of anchors that count for a query. */
  static final int COUNTED = 8;

  /** A pivot below this is rounding: the anchor adds nothing to those before it. */
  private static final double LEAST_PIVOT = 1e-12;

  /** Lower bound of a reported variance. */
  private static final double LEAST_VARIANCE = 1e-9;

  private final EmbeddedQueries anchors;
  private final Kernel matern;
  private final int[] leftOut;

  /** All R indexes; the same array as {@code leftOut} if no anchor is spared. */
  private final int[] all;

  /**
   * Creates a finder of nearest anchors.
   *
   * @param anchors anchors in query space
   * @param count number R of the first anchors to use
   * @param leftOut indexes of the anchors that are left out, one at a time
   */
  NearestAnchors(EmbeddedQueries anchors, int count, Kernel kernel, int[] leftOut) {
    this.anchors = anchors;
    this.matern = kernel.withoutOverlap();
    this.leftOut = leftOut;
    this.all = leftOut.length == count ? leftOut : IntStream.range(0, count).toArray();
  }

  /**
   * Returns what surrounds queries.
   *
   * @param queries n embedded queries
   * @param variograms variograms of the queries, n x R, row-major
   */
  Surroundings of(EmbeddedQueries queries, float[] variograms) {
    return of(queries, variograms, null);
  }

  /**
   * Returns what surrounds the left-out anchors, each without itself.
   *
   * @param embedded the left-out anchors
   * @param variograms variograms of the left-out anchors, row-major
   */
  Surroundings ofLeftOut(EmbeddedQueries embedded, float[] variograms) {
    return of(embedded, variograms, leftOut);
  }

  private Surroundings of(EmbeddedQueries queries, float[] variograms, int[] itself) {
    int n = queries.count();
    int others = itself == null ? 0 : 1;
    int[] near = new int[Math.min(COUNTED, all.length - others)];
    int[] witnesses =
        leftOut == all ? near : new int[Math.min(COUNTED, Math.max(0, leftOut.length - others))];
    int[] neighbours = new int[n * witnesses.length];
    double[] deviations = new double[n];
    Conditioning conditioning = new Conditioning(near.length);
    for (int q = 0; q < n; q++) {
      int row = q * all.length;
      int excluded = itself == null ? -1 : itself[q];
      select(variograms, row, all, excluded, near);
      deviations[q] = Math.sqrt(conditioning.variance(queries, q, near));
      if (leftOut != all) {
        select(variograms, row, leftOut, excluded, witnesses);
      }
      System.arraycopy(witnesses, 0, neighbours, q * witnesses.length, witnesses.length);
    }
    return new Surroundings(deviations, neighbours);
  }

  /**
   * Selects the candidates with the smallest variograms, in ascending order. Of equal ones the
   * first is selected.
   *
   * @param row index of the query's first variogram
   * @param candidates indexes of anchors
   * @param excluded index of an anchor that is not selected
   * @param selected receives positions in {@code candidates}
   */
  private static void select(
      float[] variograms, int row, int[] candidates, int excluded, int[] selected) {
    int taken = 0;
    for (int i = 0; i < candidates.length && selected.length > 0; i++) {
      float x = variograms[row + candidates[i]];
      boolean isFull = taken == selected.length;
      if (candidates[i] == excluded
          || (isFull && !(x < variograms[row + candidates[selected[taken - 1]]]))) {
        continue;
      }
      int at = isFull ? taken - 1 : taken++;
      for (; at > 0 && x < variograms[row + candidates[selected[at - 1]]]; at--) {
        selected[at] = selected[at - 1];
      }
      selected[at] = i;
    }
  }

  /** Conditions one answer on those of a few anchors, one anchor after the other. */
  private final class Conditioning {
    /** Rows of the Cholesky factor of the anchors' covariance. */
    private final double[][] factor;

    /** Covariance of the answer with each anchor, given the anchors before it. */
    private final double[] shares;

    Conditioning(int count) {
      factor = new double[count][count];
      shares = new double[count];
    }

    double variance(EmbeddedQueries queries, int q, int[] near) {
      double left = 1 + matern.nugget();
      for (int i = 0; i < near.length; i++) {
        double share = queries.covariance(matern, q, anchors, near[i]);
        double pivot = 1 + matern.nugget();
        for (int j = 0; j < i; j++) {
          double entry = anchors.covariance(matern, near[i], anchors, near[j]);
          for (int k = 0; k < j; k++) {
            entry -= factor[i][k] * factor[j][k];
          }
          factor[i][j] = factor[j][j] > 0 ? entry / factor[j][j] : 0;
          pivot -= factor[i][j] * factor[i][j];
          share -= factor[i][j] * shares[j];
        }
        factor[i][i] = pivot > LEAST_PIVOT ? Math.sqrt(pivot) : 0;
        shares[i] = factor[i][i] > 0 ? share / factor[i][i] : 0;
        left -= shares[i] * shares[i];
      }
      return left > LEAST_VARIANCE ? left : LEAST_VARIANCE;
    }
  }

  /** Returns the number of multiplications, each with an addition, that one query takes. */
  int multiplyAdds() {
    int k = Math.min(COUNTED, all.length);
    return anchors.space().dim() * k * (k + 1) / 2 + (k - 1) * k * (k + 1) / 6 + k * k;
  }

  /** Returns {@code most} indexes below {@code count} at even distances, or all of them. */
  static int[] spread(int count, int most) {
    int taken = Math.min(most, count);
    int[] indexes = new int[taken];
    Arrays.setAll(indexes, i -> (int) ((long) i * count / taken));
    return indexes;
  }
}
