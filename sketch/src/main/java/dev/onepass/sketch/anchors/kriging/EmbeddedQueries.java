// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.simd.Floats;

/**
 * Queries in {@link QuerySpace}: their coordinates, their attention to the centres, and their
 * log-normalizers over the centres. Holds up to a fixed number of queries. Embedding other queries
 * replaces them.
 *
 * <p>Not safe for use by several threads while queries are embedded.
 */
public final class EmbeddedQueries {

  /**
   * Queries that are embedded at once when there are many. This is a multiple of the rows that
   * matrix products take at once, so the results equal those of embedding all queries at once.
   */
  private static final int AT_ONCE = 240;

  private final QuerySpace space;
  private final float[] queries;
  private final float[] scratch;
  private final float[] x;
  private final float[] attention;
  private final float[] logNormalizers;
  private int count;

  /**
   * Allocates room for queries.
   *
   * @param space the query space
   * @param capacity maximum number of queries
   */
  public EmbeddedQueries(QuerySpace space, int capacity) {
    this(space, capacity, capacity);
  }

  /**
   * Allocates room for queries.
   *
   * @param embeddedAtOnce maximum number of queries in one call of {@link #embed}, at most capacity
   */
  private EmbeddedQueries(QuerySpace space, int capacity, int embeddedAtOnce) {
    this.space = space;
    queries = new float[capacity * space.keyDim()];
    scratch = new float[embeddedAtOnce * space.keyDim()];
    x = new float[capacity * space.dim()];
    attention = new float[capacity * space.centreCount()];
    logNormalizers = new float[capacity];
  }

  /**
   * Embeds the first rows of a matrix.
   *
   * @param space the query space
   * @param queries query vectors, at least count x d, row-major
   * @param count number of queries
   * @param scale factor of all query vectors
   * @throws InterruptedWorkException if the thread is interrupted
   */
  public static EmbeddedQueries of(QuerySpace space, float[] queries, int count, double scale) {
    QueryBlock block = new QueryBlock(queries, count, space.keyDim(), scale);
    if (count <= AT_ONCE) {
      EmbeddedQueries embedded = new EmbeddedQueries(space, count);
      embedded.embed(block, 0, count);
      return embedded;
    }
    EmbeddedQueries all = new EmbeddedQueries(space, count, 0);
    all.count = count;
    EmbeddedQueries some = new EmbeddedQueries(space, AT_ONCE);
    for (int first = 0; first < count; first += AT_ONCE) {
      InterruptedWorkException.check();
      some.embed(block, first, Math.min(AT_ONCE, count - first));
      some.copyTo(all, first);
    }
    return all;
  }

  private void copyTo(EmbeddedQueries all, int first) {
    copy(queries, all.queries, first, space.keyDim());
    copy(x, all.x, first, space.dim());
    copy(attention, all.attention, first, space.centreCount());
    copy(logNormalizers, all.logNormalizers, first, 1);
  }

  private void copy(float[] from, float[] to, int first, int columns) {
    System.arraycopy(from, 0, to, first * columns, count * columns);
  }

  /**
   * Embeds queries and replaces those embedded before.
   *
   * @param block query vectors of length d
   * @param first index of the first query in the block
   * @param count number of queries, at most the capacity
   */
  public void embed(QueryBlock block, int first, int count) {
    this.count = count;
    block.copyScaled(first, count, queries);
    space.embed(queries, count, scratch, x, attention, logNormalizers);
  }

  /** Returns the queries with these indexes, embedded again. */
  EmbeddedQueries only(int[] numbers) {
    return of(space, Draws.rows(queries, space.keyDim(), numbers), numbers.length, 1);
  }

  /** Returns the query space. */
  QuerySpace space() {
    return space;
  }

  /** Returns the number of embedded queries. */
  public int count() {
    return count;
  }

  /** Returns the coordinates, count x D, row-major; not a copy. */
  public float[] x() {
    return x;
  }

  /** Returns the attention to the M centres, count x M, row-major; not a copy. */
  public float[] attention() {
    return attention;
  }

  /**
   * Returns the log-normalizer of a query over the centres.
   *
   * @param i index of the query, from 0
   */
  public float logNormalizer(int i) {
    return logNormalizers[i];
  }

  /**
   * Returns the covariance of two queries, without the nugget.
   *
   * @param kernel kernel of the set
   * @param i index of a query of this object, from 0
   * @param other embedded queries in the same space
   * @param j index of a query of {@code other}, from 0
   * @return the covariance, relative to the Matern part at distance 0
   */
  public double covariance(Kernel kernel, int i, EmbeddedQueries other, int j) {
    double value = kernel.matern(squareDistance(i, other, j));
    return kernel.overlap() == 0 ? value : value + kernel.overlap() * overlap(i, other, j);
  }

  /** Returns the square norm of the coordinates of query {@code i}. */
  float squareNorm(int i) {
    return (float) Floats.squareSum(x, i * space.dim(), space.dim());
  }

  /**
   * Returns the square distance of two queries.
   *
   * @param i index of a query of this object, from 0
   * @param other embedded queries in the same space
   * @param j index of a query of {@code other}, from 0
   * @return the square distance, in squares of the coordinates' unit
   */
  public double squareDistance(int i, EmbeddedQueries other, int j) {
    int e = space.dim();
    double sum = 0;
    for (int c = 0, a = i * e, b = j * e; c < e; c++, a++, b++) {
      double difference = (double) x[a] - other.x[b];
      sum += difference * difference;
    }
    return sum;
  }

  /**
   * Returns the overlap of the attention of two queries; see {@link QuerySpace}.
   *
   * @param i index of a query of this object, from 0
   * @param other embedded queries in the same space
   * @param j index of a query of {@code other}, from 0
   * @return the overlap, about 1 for a typical query with itself
   */
  public double overlap(int i, EmbeddedQueries other, int j) {
    double[] weights = space.overlapWeights();
    int m = weights.length;
    double sum = 0;
    for (int c = 0, a = i * m, b = j * m; c < m; c++, a++, b++) {
      sum += weights[c] * attention[a] * other.attention[b];
    }
    return sum;
  }

  /**
   * Returns the attention of query {@code i} to each centre, times the weight of the centre in
   * overlaps.
   */
  float[] weightedAttention(int i) {
    double[] weights = space.overlapWeights();
    float[] weighted = new float[weights.length];
    for (int c = 0, a = i * weights.length; c < weights.length; c++, a++) {
      weighted[c] = (float) (weights[c] * attention[a]);
    }
    return weighted;
  }

  /** Returns whether all coordinates, attention and log-normalizers are finite. */
  public boolean areFinite() {
    return areFinite(x) && areFinite(attention) && areFinite(logNormalizers);
  }

  private static boolean areFinite(float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the bytes of memory of this object. */
  public long bytes() {
    return bytes(logNormalizers.length, space.keyDim(), space.dim(), space.centreCount());
  }

  /**
   * Returns the bytes of memory of embedded queries.
   *
   * @param count number of queries
   * @param keyDim length d of a query vector
   * @param dim coordinates D of a query
   * @param centres number of centres M
   */
  public static long bytes(long count, int keyDim, int dim, int centres) {
    return Float.BYTES * (count * (keyDim + (long) dim + centres + 1));
  }
}
