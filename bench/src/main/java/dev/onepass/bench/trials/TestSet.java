// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Attention;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Queries, and the exact answers to them over a whole stream.
 *
 * @param queries the queries
 * @param exact exact answers, one row for each query
 * @param logNormalizers exact log-normalizers
 * @param valueSize root mean square of |v| over the tokens
 */
public record TestSet(
    QueryBlock queries, double[][] exact, double[] logNormalizers, double valueSize) {

  /** Share of the rows of a head before those of the queries. */
  private static final double BEFORE = 0.76;

  /** Queries that a thread answers at a time. */
  private static final int CHUNK = 8;

  /** Returns the first row of a head whose query may be asked. */
  public static int firstRow(Head asking) {
    return (int) (asking.rows() * BEFORE);
  }

  /** Draws queries from the last part of the head of the stream. */
  public static TestSet draw(Feed feed, int count, long seed, IntConsumer progress) {
    return draw(feed, feed.head(), count, seed, progress);
  }

  /**
   * Draws queries without replacement and answers them on all cores.
   *
   * @param feed the stream
   * @param asking head whose last part has the queries
   * @param count number of queries, at most the rows of the last part
   * @param seed seed of the random rows; rows of a model repeat with its window, so steps must not
   *     be equal
   * @param progress accepts the number of queries of each step, from several threads
   */
  public static TestSet draw(Feed feed, Head asking, int count, long seed, IntConsumer progress) {
    int from = firstRow(asking);
    int taken = Math.min(count, asking.rows() - from);
    int[] rows = Draws.distinct(asking.rows() - from, taken, new Random(seed));
    Arrays.setAll(rows, i -> from + rows[i]);
    return of(feed, asking.queries(rows), progress);
  }

  /**
   * Answers queries on all cores.
   *
   * @param feed the stream
   * @param queries the queries
   * @param progress accepts the number of queries of each step, from several threads
   */
  public static TestSet of(Feed feed, QueryBlock queries, IntConsumer progress) {
    int taken = queries.count();
    double[][] exact = new double[taken][];
    double[] logNormalizers = new double[taken];
    IntStream.range(0, (taken + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(
            chunk -> {
              int first = chunk * CHUNK;
              QueryBlock some = part(queries, first, Math.min(taken, first + CHUNK));
              ExactAttention.Result answers = feed.withLogNormalizers(some);
              double[][] outputs = Attention.rows(answers, feed.head().valueDim());
              System.arraycopy(outputs, 0, exact, first, outputs.length);
              System.arraycopy(answers.logNormalizers(), 0, logNormalizers, first, outputs.length);
              progress.accept(outputs.length);
            });
    return new TestSet(queries, exact, logNormalizers, feed.valueSize());
  }

  /** Returns queries {@code first} (inclusive) to {@code end} (exclusive). */
  QueryBlock part(int first, int end) {
    return part(queries, first, end);
  }

  private static QueryBlock part(QueryBlock all, int first, int end) {
    float[] vectors = Arrays.copyOfRange(all.vectors(), first * all.dim(), end * all.dim());
    return new QueryBlock(vectors, end - first, all.dim(), all.scale());
  }
}
