// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.anchors;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.Arrays;

/**
 * Anchor sets made from past queries and keys of a head, of one stream from its first 30 %, as an
 * administrator of the job would make them. They depend neither on the values nor on later queries.
 */
public final class EarlyAnchors {
  /** The share of the rows that a set is made from. */
  public static final double SHARE = 0.3;

  private EarlyAnchors() {}

  /** Returns how many of a head's rows, from the first on, a set is made from. */
  public static int rows(int rows) {
    return (int) (SHARE * rows);
  }

  /**
   * Makes version 1 of the set of a head, which takes seconds.
   *
   * @throws IllegalArgumentException if no set can be made from this head; the message says why
   */
  public static AnchorSet make(Head head, long seed) {
    return make(1, head.rows(), head.keyDim(), head.queries(), head.keys(), head.scale(), seed);
  }

  /**
   * Makes a set, which takes seconds.
   *
   * @param version of the set
   * @param rows rows of the head
   * @param dim floats of a query and a key
   * @param queries rows x dim
   * @param keys rows x dim
   * @param scale multiplies q.k to give the logit
   * @param seed of the random draws
   * @throws IllegalArgumentException if no set can be made from these rows; the message says why
   */
  public static AnchorSet make(
      int version, int rows, int dim, float[] queries, float[] keys, double scale, long seed) {
    return of(version, rows(rows), dim, queries, keys, scale, seed);
  }

  /**
   * Makes version 1 of a set from all rows of a head, oldest first, which takes seconds.
   *
   * @throws IllegalArgumentException if no set can be made from these rows; the message says why
   */
  public static AnchorSet ofAll(Head past, long seed) {
    return of(1, past.rows(), past.keyDim(), past.queries(), past.keys(), past.scale(), seed);
  }

  private static AnchorSet of(
      int version, int rows, int dim, float[] queries, float[] keys, double scale, long seed) {
    int length = rows * dim;
    float[] scaled = Arrays.copyOf(queries, length);
    for (int i = 0; i < length; i++) {
      scaled[i] *= (float) scale;
    }
    return AnchorSetMaker.make(
        version, dim, scaled, Arrays.copyOf(keys, length), AnchorSetMaker.DEFAULT_COUNT, seed);
  }
}
