// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wide;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Optional;

/**
 * A projection of keys and queries of length d onto m of their coordinates that approximately keeps
 * dot products: {@code q.k ~ sum_{i in S} w_i q_i k_i}, where keys and queries are each multiplied
 * by the square root of the weight w_i.
 *
 * <p>Two choices of S by leverage scores are compared. Sampled: S contains coordinate i with
 * probability pi_i = min(1, c tau_i), where c is such that m coordinates are expected, and w_i = 1
 * / pi_i. The projected logit is then unbiased over samples, for all q and k that vary only where
 * the first keys vary. Systematic sampling takes exactly m coordinates. Largest: S contains the m
 * coordinates of largest score with w_i = 1, which is better if the other coordinates hardly
 * matter, or if queries and keys have no common directions. The choice that keeps more of the
 * variance of logits, on tokens that it was not learned from, is used.
 *
 * <p>Softmax ignores what all logits have in common, so scores and variances are those of keys
 * around their mean. Normalizers do not ignore it: {@link #offset} is what the projected logits of
 * a query lack on average, by the mean of the keys that the sample was learned from.
 *
 * <p>Bytes, format 2, little-endian:
 *
 * <pre>
 *   0     1     2        3   4       8       12              20              28
 *   +-----+-----+--------+---+-------+-------+---------------+---------------+------------+------------+----------+
 *   | 'O' | 'W' | format | 0 | d     | m     | kept variance | kept energy   | coordinates| sqrt w     | mean key |
 *   |     |     | (2)    |   | (i4)  | (i4)  | (f8)          | (f8)          | (m x i4)   | (m x f4)   | (d x f4) |
 *   +-----+-----+--------+---+-------+-------+---------------+---------------+------------+------------+----------+
 *                                                              ascending
 * </pre>
 *
 * Format 1, which can still be read, has no mean key: it is 0.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class ColumnSample {

  private static final int HEADER_BYTES = 28;
  private static final int FORMAT = 2;

  /** Maximum square root of a weight: no sampled coordinate counts as less probable than 1e-6. */
  static final float MAX_FACTOR = 1000;

  private final int fullDim;
  private final int[] coordinates;
  private final float[] factors;
  private final double keptVariance;
  private final double keptEnergy;
  private final float[] mean;

  ColumnSample(
      int fullDim,
      int[] coordinates,
      float[] factors,
      double keptVariance,
      double keptEnergy,
      float[] mean) {
    this.fullDim = fullDim;
    this.coordinates = coordinates;
    this.factors = factors;
    this.keptVariance = keptVariance;
    this.keptEnergy = keptEnergy;
    this.mean = mean;
  }

  /**
   * Chooses coordinates without knowledge of the queries: from the first half of the tokens (at
   * most 256), measured on as many of the following tokens.
   *
   * @param first the first tokens of a sequence; retractions are ignored
   * @param columns number m of coordinates to keep, at least 1, below d
   * @param seed decides the sample, together with the tokens
   * @param leastVariance minimum share of the variance of logits to keep, 0 to 1
   * @return the projection
   * @throws IllegalArgumentException if a projection cannot help: m is not below d, there are fewer
   *     than 4 tokens, the keys do not vary, or too little variance is kept
   */
  public static ColumnSample learn(TokenBlock first, int columns, long seed, double leastVariance) {
    return ColumnChoice.learn(first, Optional.empty(), columns, seed, leastVariance);
  }

  /**
   * Chooses coordinates, measured by the logits of given queries.
   *
   * @param first the first tokens of a sequence; retractions are ignored
   * @param asked typical queries of length d, of which at most 64 are used; an empty block means
   *     that queries are unknown
   * @param columns number m of coordinates to keep, at least 1, below d
   * @param seed decides the sample, together with the tokens
   * @param leastVariance minimum share of the variance of logits to keep, 0 to 1
   * @return the projection
   * @throws IllegalArgumentException if the queries are not of length d, or if a projection cannot
   *     help
   */
  public static ColumnSample learn(
      TokenBlock first, QueryBlock asked, int columns, long seed, double leastVariance) {
    return ColumnChoice.learn(first, Optional.of(asked), columns, seed, leastVariance);
  }

  /** Returns the length d of a vector before the projection. */
  public int fullDim() {
    return fullDim;
  }

  /** Returns the length m of a vector after the projection. */
  public int columns() {
    return coordinates.length;
  }

  /** Returns a copy of the kept coordinates, in ascending order. */
  public int[] coordinates() {
    return coordinates.clone();
  }

  /**
   * Returns the share, 0 to 1, of the variance of logits over tokens that projected logits explain.
   * It is measured on tokens that the coordinates were not chosen from, for the given queries, or
   * else for queries without a preferred direction.
   */
  public double keptVariance() {
    return keptVariance;
  }

  /**
   * Returns the share, 0 to 1, of {@code |K|_F^2} in the kept coordinates, measured on the same
   * tokens.
   */
  public double keptEnergy() {
    return keptEnergy;
  }

  /**
   * Projects the keys of a block; everything else stays the same.
   *
   * @param block tokens with keys of length d
   * @return tokens with keys of length m
   * @throws IllegalArgumentException if the keys are not of length d
   */
  public TokenBlock project(TokenBlock block) {
    block.requireDims(fullDim, block.valueDim());
    return block.withKeys(columns(), project(block.keys(), block.count()));
  }

  /**
   * Projects one key.
   *
   * @param key key of length d
   * @return key of length m
   * @throws IllegalArgumentException if the key is not of length d
   */
  public float[] project(float[] key) {
    if (key.length != fullDim) {
      throw new IllegalArgumentException(
          "Expected a key of length %d, got length %d.".formatted(fullDim, key.length));
    }
    return project(key, 1);
  }

  /**
   * Projects queries; scale and exponent stay the same.
   *
   * @param queries queries of length d
   * @return queries of length m
   * @throws IllegalArgumentException if the queries are not of length d
   */
  public QueryBlock project(QueryBlock queries) {
    if (queries.dim() != fullDim) {
      throw new IllegalArgumentException(
          "Expected queries of length %d, got length %d.".formatted(fullDim, queries.dim()));
    }
    float[] vectors = project(queries.vectors(), queries.count());
    return new QueryBlock(vectors, queries.count(), columns(), queries.scale(), queries.exponent());
  }

  /**
   * Returns the mean of a query's logits less the mean of its projected ones, over the keys that
   * the sample was learned from. Adding it to projected logits makes normalizers comparable with
   * those of whole keys and of other samples.
   *
   * @param queries queries of length d
   * @param query number of the query, from 0
   */
  public double offset(QueryBlock queries, int query) {
    int at = query * fullDim;
    double lost = 0;
    for (int i = 0; i < fullDim; i++) {
      lost += (double) queries.vectors()[at + i] * mean[i];
    }
    for (int i = 0; i < coordinates.length; i++) {
      int c = coordinates[i];
      double weight = (double) factors[i] * factors[i];
      lost -= weight * queries.vectors()[at + c] * mean[c];
    }
    return queries.scale() * lost;
  }

  /**
   * Projects keys or queries.
   *
   * @param rows vectors of length d, one after the other
   * @return as many vectors of length m
   */
  public float[] projectRows(float[] rows) {
    return project(rows, rows.length / fullDim);
  }

  private float[] project(float[] rows, int count) {
    int m = coordinates.length;
    float[] projected = new float[Math.multiplyExact(count, m)];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < m; i++) {
        float x = factors[i] * rows[j * fullDim + coordinates[i]];
        projected[j * m + i] = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
      }
    }
    return projected;
  }

  /** Returns the exact length of {@link #toByteArray()}: 28 + 8 m + 4 d. */
  public int stateBytes() {
    return HEADER_BYTES + 8 * coordinates.length + Float.BYTES * fullDim;
  }

  /** Returns the bytes of the projection. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    out.putByte('O');
    out.putByte('W');
    out.putByte(FORMAT);
    out.putByte(0);
    out.putInt(fullDim);
    out.putInt(coordinates.length);
    out.putDouble(keptVariance);
    out.putDouble(keptEnergy);
    for (int coordinate : coordinates) {
      out.putInt(coordinate);
    }
    out.putFloats(factors, factors.length);
    out.putFloats(mean, mean.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray} wrote, in this format or an older one.
   *
   * @param bytes bytes of a projection
   * @return the projection
   * @throws CorruptSketchException if the bytes are not a projection; memory stays bounded by a
   *     small multiple of {@code bytes.length}
   */
  public static ColumnSample heapify(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getByte() != 'O' || in.getByte() != 'W') {
      throw new CorruptSketchException("column sample does not begin with OW");
    }
    int format = in.getByte();
    if (format < 1 || format > FORMAT || in.getByte() != 0) {
      throw new CorruptSketchException(
          "column sample has format %d; expected 1 or %d".formatted(format, FORMAT));
    }
    int fullDim = in.getInt("key dim", 2, Preamble.MAX_DIM);
    int columns = in.getInt("columns", 1, fullDim - 1);
    double keptVariance = share(in);
    double keptEnergy = share(in);
    in.require(8L * columns);
    int[] coordinates = new int[columns];
    for (int i = 0; i < columns; i++) {
      coordinates[i] = in.getInt("coordinate", i == 0 ? 0 : coordinates[i - 1] + 1, fullDim - 1);
    }
    float[] factors = in.getFloats(columns);
    for (float factor : factors) {
      if (!(factor >= 1 && factor <= MAX_FACTOR)) {
        throw new CorruptSketchException(
            "factor is %s, not in [1, %s]".formatted(factor, MAX_FACTOR));
      }
    }
    float[] mean = new float[fullDim];
    if (format > 1) {
      in.require((long) Float.BYTES * fullDim);
      mean = in.getFloats(fullDim);
    }
    in.expectEnd();
    return new ColumnSample(fullDim, coordinates, factors, keptVariance, keptEnergy, mean);
  }

  private static double share(WireReader in) {
    double share = in.getDouble();
    if (!(share >= 0 && share <= 1)) {
      throw new CorruptSketchException("share is %s, not in [0, 1]".formatted(share));
    }
    return share;
  }

  /** Returns whether the other sample projects in the same way, and measured the same. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ColumnSample sample
        && Arrays.equals(toByteArray(), sample.toByteArray());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(coordinates);
  }
}
