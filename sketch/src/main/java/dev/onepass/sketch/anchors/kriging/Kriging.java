// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * Interpolation between the first R anchors of a set (simple kriging; Rasmussen and Williams,
 * Gaussian Processes for Machine Learning, 2006, algorithm 2.1): the factor of the anchors'
 * covariance G. It is computed once and shared by all sequences that use the same number of
 * anchors.
 *
 * <p>Two things measure how wrong an interpolation may be: what surrounds a query ({@link
 * Surroundings}), and the leave-one-out errors of the sequence ({@link #leaveOneOutErrors}; section
 * 5.4.2 of the same book). {@link StatedError} turns both into a bound.
 */
public final class Kriging {

  private final AnchorVariogram variogram;
  private final int count;
  private final Cholesky factor;
  private volatile LeaveOneOut leaveOneOut;

  /**
   * What the leave-one-out errors need. Many factors never need it.
   *
   * @param errorRows rows that turn known values into leave-one-out errors, left-out anchors x R
   * @param surroundings surroundings of the left-out anchors, each without itself
   */
  private record LeaveOneOut(float[] errorRows, Surroundings surroundings) {}

  /**
   * Factors the covariance of the first anchors.
   *
   * @param anchors anchors in query space
   * @param kernel kernel of the set
   * @param count number of anchors R, from 1 to {@code anchors.count()}
   * @throws InterruptedWorkException if the thread is interrupted
   * @throws UnfactorableCovarianceException if a covariance is not finite
   */
  public Kriging(EmbeddedQueries anchors, Kernel kernel, int count) {
    this(new AnchorVariogram(new TransposedAnchors(anchors, count), kernel));
  }

  /**
   * Factors the covariance of the anchors of a variogram.
   *
   * @param variogram the anchors and the kernel
   * @throws InterruptedWorkException if the thread is interrupted
   * @throws UnfactorableCovarianceException if a covariance is not finite
   */
  public Kriging(AnchorVariogram variogram) {
    this.variogram = variogram;
    count = variogram.count();
    factor = variogram.kernel().factor(variogram.anchors(), count);
  }

  /**
   * Computes what the leave-one-out errors need, so that no query has to.
   *
   * @return this object
   * @throws InterruptedWorkException if the thread is interrupted
   */
  public Kriging prepared() {
    leaveOneOut();
    return this;
  }

  private LeaveOneOut leaveOneOut() {
    LeaveOneOut known = leaveOneOut;
    if (known == null) {
      known = new LeaveOneOut(errorRows(variogram.leftOut()), variogram.leftOutSurroundings());
      leaveOneOut = known;
    }
    return known;
  }

  /** Returns one column of G^-1. */
  private double[] inverseColumn(int anchor) {
    double[] column = new double[count];
    column[anchor] = 1;
    solve(column);
    return column;
  }

  /** Returns the number of anchors R. */
  public int count() {
    return count;
  }

  /** Returns the variogram between queries and the anchors. */
  public AnchorVariogram variogram() {
    return variogram;
  }

  /**
   * Replaces {@code x} by {@code G^-1 x}.
   *
   * @param x right-hand side, R numbers
   */
  public void solve(double[] x) {
    factor.solve(x);
  }

  /**
   * Replaces every column of {@code x} by {@code G^-1 x}.
   *
   * @param x right-hand sides, R x columns, row-major
   * @param columns number of right-hand sides
   */
  public void solve(double[] x, int columns) {
    factor.solve(x, columns);
  }

  /**
   * Computes the covariances between one query and the anchors.
   *
   * @param queries n embedded queries
   * @param variograms variograms of all n queries, n x R
   * @param q index of the query, from 0
   * @param out receives R covariances
   */
  public void covariances(EmbeddedQueries queries, float[] variograms, int q, double[] out) {
    double overlap = variogram.kernel().overlap();
    if (overlap == 0) {
      Arrays.fill(out, 0, count, 0);
    } else {
      int m = anchors().space().centreCount();
      float[] weighted = queries.weightedAttention(q);
      Kernels.logits(weighted, 0, overlap, anchors().attention(), count, m, out);
    }
    for (int r = 0, at = q * count; r < count; r++, at++) {
      out[r] += 1 - (double) variograms[at];
    }
  }

  /**
   * Computes the variograms of queries; see {@link AnchorVariogram#variograms}.
   *
   * @param queries n embedded queries
   * @param out receives the variograms, n x R
   */
  public void variograms(EmbeddedQueries queries, float[] out) {
    variogram.variograms(queries, out);
  }

  private EmbeddedQueries anchors() {
    return variogram.anchors();
  }

  /** Returns the number of anchors that are left out, one at a time. */
  public int leftOutCount() {
    return variogram.leftOut().length;
  }

  /**
   * Computes by how much the other anchors fail to predict each left-out anchor.
   *
   * @param y values at the anchors, R x columns, row-major
   * @param columns number of columns
   * @return errors, left-out anchors x columns, row-major
   * @throws InterruptedWorkException if the thread is interrupted
   */
  public float[] leaveOneOutErrors(float[] y, int columns) {
    float[] errors = new float[leftOutCount() * columns];
    Kernels.addProduct(leaveOneOut().errorRows, leftOutCount(), count, y, columns, errors);
    return errors;
  }

  /** Returns what surrounds the left-out anchors, each without itself. */
  public Surroundings leftOutSurroundings() {
    return leaveOneOut().surroundings;
  }

  /**
   * Returns the rows that turn the values at all anchors into the leave-one-out errors of some.
   *
   * @param leftOut indexes of the anchors to leave out
   * @return rows, left-out anchors x R, row-major
   * @throws InterruptedWorkException if the thread is interrupted
   */
  float[] errorRows(int[] leftOut) {
    float[] errorRows = new float[leftOut.length * count];
    for (int w = 0; w < leftOut.length; w++) {
      InterruptedWorkException.check();
      double[] column = inverseColumn(leftOut[w]);
      for (int r = 0; r < count; r++) {
        errorRows[w * count + r] = (float) (column[r] / column[leftOut[w]]);
      }
    }
    return errorRows;
  }

  /**
   * Returns the bytes of memory of a factor.
   *
   * @param count number of anchors R
   * @param dim coordinates D of a query
   */
  public static long bytes(long count, int dim) {
    return Double.BYTES * (count * (count + 1) / 2)
        + Float.BYTES * count * AnchorVariogram.LEFT_OUT
        + AnchorVariogram.bytes(count, dim);
  }
}
