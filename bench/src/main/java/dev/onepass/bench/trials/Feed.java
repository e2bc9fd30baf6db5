// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The tokens of a stream: rows of a head in their order, or a number of rows drawn from them with
 * replacement. The exact answers over them may give each token a weight.
 *
 * <p>No token is a row that the head's anchor set is made from, whether or not a method uses the
 * set: what a set has learned from is no test, and methods compare on equal tokens only. Of a long
 * stream, sets are made from the first rows ({@link EarlyAnchors}); of a fleet, from other
 * sequences ({@link FleetSplit}).
 */
public final class Feed {
  private final Head head;
  private final long tokens;
  private final boolean drawn;
  private final Supplier<IntStream> rows;
  private final Head oracle;

  private Feed(Head head, long tokens, boolean drawn, Supplier<IntStream> rows, Head oracle) {
    this.head = head;
    this.tokens = tokens;
    this.drawn = drawn;
    this.rows = rows;
    this.oracle = oracle;
  }

  /** Returns a stream of every row, once, of a sequence that a fleet tests. */
  public static Feed of(Head sequence) {
    return newest(sequence, sequence.rows());
  }

  /** Returns a stream of every row of a head behind those of its anchor set, once. */
  public static Feed behindAnchors(Head head) {
    return newest(head, head.rows() - firstToken(head));
  }

  /** Returns a stream of uniformly random rows of a head behind those of its anchor set. */
  public static Feed drawn(Head head, long tokens, long seed) {
    Supplier<IntStream> rows =
        () -> new SplittableRandom(seed).ints(tokens, firstToken(head), head.rows());
    int[] counts = new int[head.rows()];
    rows.get().forEach(row -> counts[row]++);
    // A row that is drawn c times counts as one token whose logit is ln c higher.
    int[] there = IntStream.range(0, counts.length).filter(row -> counts[row] > 0).toArray();
    return new Feed(head, tokens, true, rows, biased(head, there, row -> Math.log(counts[row])));
  }

  /**
   * Returns a stream of the last rows of a head, each once.
   *
   * @param tokens number of rows; of a long stream, at most those of {@link #behindAnchors}
   */
  public static Feed newest(Head head, int tokens) {
    int d = head.keyDim();
    int dv = head.valueDim();
    int first = head.rows() - tokens;
    float[] keys = Arrays.copyOfRange(head.keys(), first * d, head.rows() * d);
    float[] values = Arrays.copyOfRange(head.values(), first * dv, head.rows() * dv);
    // The queries are not used, but must not be null.
    return new Feed(
        head,
        tokens,
        false,
        () -> IntStream.range(first, head.rows()),
        new Head(head.name(), tokens, d, dv, keys, keys, values, head.scale()));
  }

  /**
   * Returns the stream of {@link #behindAnchors}. In the exact answers, the weight of a token
   * halves with each half-life of its age.
   *
   * @param halfLife in tokens
   */
  public static Feed decayed(Head head, int halfLife) {
    int newest = head.rows() - 1;
    Supplier<IntStream> rows = () -> IntStream.range(firstToken(head), head.rows());
    Head oracle =
        biased(head, rows.get().toArray(), row -> Math.log(2) * (row - newest) / halfLife);
    return new Feed(head, oracle.rows(), false, rows, oracle);
  }

  /** Returns the first row of a head that its anchor set is not made from. */
  public static int firstToken(Head head) {
    return EarlyAnchors.rows(head.rows());
  }

  /** Returns some tokens with biases, as one more dimension of their keys. */
  private static Head biased(Head head, int[] rows, IntToDoubleFunction bias) {
    int d = head.keyDim();
    int dv = head.valueDim();
    float[] keys = new float[rows.length * (d + 1)];
    float[] values = new float[rows.length * dv];
    for (int j = 0; j < rows.length; j++) {
      System.arraycopy(head.keys(), rows[j] * d, keys, j * (d + 1), d);
      keys[j * (d + 1) + d] = (float) (bias.applyAsDouble(rows[j]) / head.scale());
      System.arraycopy(head.values(), rows[j] * dv, values, j * dv, dv);
    }
    // The queries are not used, but must not be null.
    return new Head(head.name(), rows.length, d + 1, dv, keys, keys, values, head.scale());
  }

  /** Returns the head of the rows. */
  public Head head() {
    return head;
  }

  /** Returns the number of tokens. */
  public long tokens() {
    return tokens;
  }

  /** Returns whether the tokens are drawn at random. */
  public boolean isDrawn() {
    return drawn;
  }

  /** Returns the row of each token. */
  PrimitiveIterator.OfInt rows() {
    return rows.get().iterator();
  }

  /** Returns the root mean square of |v| over the distinct tokens. */
  double valueSize() {
    return Errors.rootMeanSquare(oracle.values(), oracle.rows(), oracle.valueDim());
  }

  /** Returns exact attention over all tokens, one row for each query. */
  double[][] exact(QueryBlock queries) {
    return Attention.rows(withLogNormalizers(queries), head.valueDim());
  }

  /** Returns exact attention over all tokens, with log-normalizers. */
  ExactAttention.Result withLogNormalizers(QueryBlock queries) {
    boolean biased = oracle.keyDim() > head.keyDim();
    return Attention.withLogNormalizers(
        oracle, oracle.rows(), biased ? withOnes(queries) : queries);
  }

  private static QueryBlock withOnes(QueryBlock queries) {
    int d = queries.dim();
    float[] vectors = new float[queries.count() * (d + 1)];
    Arrays.fill(vectors, 1);
    for (int i = 0; i < queries.count(); i++) {
      System.arraycopy(queries.vectors(), i * d, vectors, i * (d + 1), d);
    }
    return new QueryBlock(vectors, queries.count(), d + 1, queries.scale());
  }
}
