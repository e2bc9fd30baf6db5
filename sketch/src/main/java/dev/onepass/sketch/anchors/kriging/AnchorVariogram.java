// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;

/**
 * The variogram between queries and the first R anchors by one kernel, with what surrounds a query.
 *
 * <p>An answer needs only this once the weights of the anchors are computed. It takes a small
 * fraction of the memory of the factor ({@link Kriging}), so sequences hold this object and not the
 * factor.
 */
public final class AnchorVariogram {

  /** Maximum number of anchors that are left out, one at a time. */
  static final int LEFT_OUT = 192;

  private final TransposedAnchors transposed;
  private final Kernel kernel;
  private final int[] leftOut;
  private final NearestAnchors nearest;

  /**
   * Prepares the variogram for anchors and a kernel.
   *
   * @param transposed the first R anchors
   * @param kernel kernel of the set
   */
  public AnchorVariogram(TransposedAnchors transposed, Kernel kernel) {
    this.transposed = transposed;
    this.kernel = kernel;
    // A single anchor cannot be predicted from others.
    leftOut = NearestAnchors.spread(transposed.count(), transposed.count() > 1 ? LEFT_OUT : 0);
    nearest = new NearestAnchors(transposed.anchors(), transposed.count(), kernel, leftOut);
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

  /** Returns the indexes of the anchors that are left out, one at a time; not a copy. */
  int[] leftOut() {
    return leftOut;
  }

  /**
   * Returns what surrounds queries.
   *
   * @param queries n embedded queries
   * @param variograms variograms of the queries, n x R
   */
  public Surroundings surroundings(EmbeddedQueries queries, float[] variograms) {
    return nearest.of(queries, variograms);
  }

  /** Returns what surrounds the left-out anchors, each without itself. */
  Surroundings leftOutSurroundings() {
    EmbeddedQueries embedded = anchors().only(leftOut);
    float[] variograms = new float[leftOut.length * count()];
    variograms(embedded, variograms);
    return nearest.ofLeftOut(embedded, variograms);
  }

  /**
   * Returns the number of multiplications, each with an addition, that the variograms and the
   * surroundings of one query take.
   */
  public int multiplyAdds() {
    return anchors().space().dim() * (count() + 1) + nearest.multiplyAdds();
  }

  /**
   * Returns the bytes of memory of a variogram.
   *
   * @param count number of anchors R
   * @param dim coordinates D of a query
   */
  static long bytes(long count, int dim) {
    return TransposedAnchors.bytes(count, dim) + Integer.BYTES * (count + LEFT_OUT);
  }
}
