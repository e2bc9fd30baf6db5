// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.wide.ColumnSample;
import java.util.Random;

/**
 * Makes anchor sets of heads with wide keys: learns the columns of keys and queries first, and then
 * makes the set from projected ones with {@link AnchorSetMaker}. Equal input gives equal sets.
 */
@PublicEvolving
public final class WideSetMaker {

  /** Number of keys to learn from: half of them choose the columns, the others judge. */
  private static final int KEYS = 512;

  /** Number of queries that judge. */
  private static final int QUERIES = 64;

  private WideSetMaker() {}

  /**
   * Learns the columns of a head from random keys, and measures what they keep with random queries.
   * Outliers among both are left out, as {@link AnchorSetMaker} does.
   *
   * @param dim length d of queries and keys
   * @param queries past query vectors, n x d; without any, the share of variance is that of queries
   *     without a preferred direction
   * @param keys past keys, m x d, at least four
   * @param columns number of columns, at least 1, below d
   * @param seed seed of all random choices
   * @return the columns, whatever they keep: see {@link ColumnSample#keptVariance}
   * @throws IllegalArgumentException if there are too few keys, or if columns project nothing
   */
  public static ColumnSample columns(
      int dim, float[] queries, float[] keys, int columns, long seed) {
    Random random = new Random(seed);
    float[] some = drawn(keys, dim, KEYS, random);
    float[] asked = drawn(queries, dim, QUERIES, random);
    int count = some.length / dim;
    return ColumnSample.learn(
        TokenBlock.of(dim, 1, count, some, new float[count]),
        new QueryBlock(asked, asked.length / dim, dim, 1),
        columns,
        seed,
        0);
  }

  private static float[] drawn(float[] rows, int dim, int most, Random random) {
    int n = rows.length / dim;
    float[] some = Draws.rows(rows, dim, Draws.distinct(n, Math.min(n, most), random));
    return OutlierFilter.without(SampledVectors.of(some, dim), dim).rows();
  }

  /**
   * Makes a set of projected queries and keys.
   *
   * @param version version of the set, at least 1
   * @param columns the projection; take that of an earlier set of the head, so that sequences which
   *     use it can adopt the new set
   * @param queries past query vectors, n x d, with the scale of the logits multiplied in, oldest
   *     first
   * @param keys past keys, m x d, oldest first
   * @param count number of anchors, 1 to {@link AnchorSet#MAX_ANCHORS}
   * @param seed seed of all random choices
   * @return the set, with the columns
   * @throws IllegalArgumentException if no set can be made from these queries and keys
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  public static AnchorSet make(
      int version, ColumnSample columns, float[] queries, float[] keys, int count, long seed) {
    return AnchorSetMaker.make(
            version,
            columns.columns(),
            columns.projectRows(queries),
            columns.projectRows(keys),
            count,
            seed)
        .withColumns(columns);
  }

  /**
   * Makes a set of projected queries and keys, and compares it with clusters in the same bytes.
   *
   * @param version version of the set, at least 1
   * @param columns the projection
   * @param queries past query vectors of length d, with the scale multiplied in, oldest first
   * @param keys past keys of length d, oldest first
   * @param count number of anchors, 1 to {@link AnchorSet#MAX_ANCHORS}
   * @param seed seed of all random choices
   * @return the set, with the columns, and its errors
   * @throws IllegalArgumentException if no set can be made from these queries and keys
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  @Internal
  public static AnchorSetMaker.Made tried(
      int version,
      ColumnSample columns,
      SampledVectors queries,
      SampledVectors keys,
      int count,
      long seed) {
    AnchorSetMaker.Made made =
        AnchorSetMaker.tried(
            version,
            columns.columns(),
            projected(columns, queries),
            projected(columns, keys),
            count,
            seed);
    return new AnchorSetMaker.Made(
        made.set().withColumns(columns), made.error(), made.clusterError());
  }

  private static SampledVectors projected(ColumnSample columns, SampledVectors sample) {
    return new SampledVectors(columns.projectRows(sample.rows()), sample.sequences());
  }
}
