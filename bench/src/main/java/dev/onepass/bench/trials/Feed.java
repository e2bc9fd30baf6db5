package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Attention;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The tokens that a method is fed with: the rows of a head in their order, or any number of rows
 * drawn from them with replacement. Tokens are never in memory more than once.
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

  /** Every row of a head once. */
  public static Feed of(Head head) {
    return new Feed(head, head.rows(), false, () -> IntStream.range(0, head.rows()), head);
  }

  /** Rows of a head by chance, each as likely as any other at every token. */
  public static Feed drawn(Head head, long tokens, long seed) {
    Supplier<IntStream> rows = () -> new SplittableRandom(seed).ints(tokens, 0, head.rows());
    int[] counts = new int[head.rows()];
    rows.get().forEach(row -> counts[row]++);
    return new Feed(head, tokens, true, rows, counted(head, counts));
  }

  /** A token that comes c times is one with a logit that is ln c higher: a dimension more. */
  private static Head counted(Head head, int[] counts) {
    int d = head.keyDim();
    int dv = head.valueDim();
    int[] there = IntStream.range(0, counts.length).filter(row -> counts[row] > 0).toArray();
    float[] keys = new float[there.length * (d + 1)];
    float[] values = new float[there.length * dv];
    for (int j = 0; j < there.length; j++) {
      System.arraycopy(head.keys(), there[j] * d, keys, j * (d + 1), d);
      keys[j * (d + 1) + d] = (float) (Math.log(counts[there[j]]) / head.scale());
      System.arraycopy(head.values(), there[j] * dv, values, j * dv, dv);
    }
    // Nobody asks for its queries, which must be there.
    return new Head(head.name(), there.length, d + 1, dv, keys, keys, values, head.scale());
  }

  /** Where the tokens come from. */
  public Head head() {
    return head;
  }

  /** How many tokens there are. */
  public long tokens() {
    return tokens;
  }

  /** Whether the tokens are drawn. */
  public boolean isDrawn() {
    return drawn;
  }

  /** The head's row of each token. */
  PrimitiveIterator.OfInt rows() {
    return rows.get().iterator();
  }

  /** Exact attention over all tokens, one row a query. */
  double[][] exact(QueryBlock queries) {
    return Attention.rows(withLogNormalizers(queries), head.valueDim());
  }

  /** Exact attention over all tokens, and the log-normalizers. */
  ExactAttention.Result withLogNormalizers(QueryBlock queries) {
    return Attention.withLogNormalizers(oracle, oracle.rows(), drawn ? withOnes(queries) : queries);
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
