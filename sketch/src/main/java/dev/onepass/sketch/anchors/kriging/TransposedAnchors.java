// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;

/** The first R anchors of a set, transposed for products with many queries at once. */
public final class TransposedAnchors {

  private final EmbeddedQueries anchors;
  private final int count;

  /** Coordinates of the anchors times -2, transposed, D x R. */
  private final float[] coordinates;

  private final float[] squareNorms;

  /**
   * Copies the coordinates of the first anchors.
   *
   * @param anchors anchors in query space
   * @param count number of anchors R, from 1 to {@code anchors.count()}
   */
  public TransposedAnchors(EmbeddedQueries anchors, int count) {
    this.anchors = anchors;
    this.count = count;
    int dim = anchors.space().dim();
    coordinates = new float[dim * count];
    squareNorms = new float[count];
    for (int r = 0; r < count; r++) {
      squareNorms[r] = anchors.squareNorm(r);
      for (int e = 0; e < dim; e++) {
        coordinates[e * count + r] = -2 * anchors.x()[r * dim + e];
      }
    }
  }

  /** Returns the anchors in query space, at least R of them; not a copy. */
  EmbeddedQueries anchors() {
    return anchors;
  }

  /** Returns the number of anchors R. */
  int count() {
    return count;
  }

  /**
   * Computes the square distances between queries and the R anchors.
   *
   * @param queries n embedded queries
   * @param out receives the distances, n x R, row-major
   */
  void squareDistances(EmbeddedQueries queries, float[] out) {
    int n = queries.count();
    for (int q = 0, at = 0; q < n; q++) {
      float square = queries.squareNorm(q);
      for (int r = 0; r < count; r++, at++) {
        out[at] = square + squareNorms[r];
      }
    }
    Kernels.addProduct(queries.x(), n, anchors.space().dim(), coordinates, count, out);
  }

  /**
   * Returns the bytes of memory that the transposed anchors take.
   *
   * @param count number of anchors R
   * @param dim coordinates D of a query
   */
  static long bytes(long count, int dim) {
    return Float.BYTES * count * (dim + 1L);
  }
}
