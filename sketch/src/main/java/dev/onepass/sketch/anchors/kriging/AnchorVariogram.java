// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;

/**
 * The variogram between queries and the first R anchors by one kernel, with the deviation that the
 * first few of these anchors leave.
 *
 * <p>An answer needs only this once the weights of the anchors are computed. It takes a small
 * fraction of the memory of the factor ({@link Kriging}), so sequences hold this object and not the
 * factor.
 */
public final class AnchorVariogram {

  /** Maximum number of anchors whose variance stands for the variance of all anchors. */
  private static final int SUBSET = 64;

  private final TransposedAnchors transposed;
  private final Kernel kernel;
  private final SubsetVariance subset;

  /**
   * Prepares the variogram for anchors and a kernel.
   *
   * @param transposed the first R anchors
   * @param kernel kernel of the set
   */
  public AnchorVariogram(TransposedAnchors transposed, Kernel kernel) {
    this.transposed = transposed;
    this.kernel = kernel;
    subset = new SubsetVariance(transposed.anchors(), kernel, subsetSize(transposed.count()));
  }

  /** Returns the transposed anchors. */
  public TransposedAnchors transposed() {
    return transposed;
  }

  /** Returns the kernel. */
  public Kernel kernel() {
    return kernel;
  }

  /** Returns the anchors in query space; not a copy. */
  public EmbeddedQueries anchors() {
    return transposed.anchors();
  }

  /** Returns the number of anchors R. */
  public int count() {
    return transposed.count();
  }

  /**
   * Computes 1 less the Matern part of the covariances. Smooth interpolation weighs anchors against
   * each other with large weights, for which covariances, floats close to 1, are too coarse.
   *
   * @param queries n embedded queries
   * @param out receives the variograms, n x R, row-major
   */
  public void variograms(EmbeddedQueries queries, float[] out) {
    transposed.squareDistances(queries, out);
    Kernels.maternVariogram(out, queries.count() * count(), kernel.length());
  }

  /**
   * Computes the standard deviations of the answers given the first few anchors, relative to the
   * deviation without any anchor.
   *
   * @param variograms variograms of the queries, n x R
   * @param queries number of queries n
   * @param out receives n deviations
   */
  public void deviations(float[] variograms, int queries, double[] out) {
    subset.deviations(variograms, queries, count(), out);
  }

  /**
   * Returns the number of multiplications, each with an addition, that the variograms and the
   * deviation of one query take.
   */
  public int multiplyAdds() {
    return anchors().space().dim() * (count() + 1) + subset.multiplyAdds();
  }

  /** Returns how many of the first anchors, out of {@code count}, stand for all in the variance. */
  static int subsetSize(int count) {
    return Math.min(SUBSET, (count + 1) / 2);
  }

  /**
   * Returns the bytes of memory of a variogram.
   *
   * @param count number of anchors R
   * @param dim coordinates D of a query
   */
  static long bytes(long count, int dim) {
    return TransposedAnchors.bytes(count, dim) + SubsetVariance.bytes(SUBSET);
  }
}
