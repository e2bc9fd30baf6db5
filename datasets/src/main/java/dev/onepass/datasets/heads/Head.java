// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.Draws;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The rows that one attention head computed: keys and values, which are the tokens, and queries.
 *
 * @param name for tables
 * @param rows rows of each array
 * @param keyDim floats of a query and a key
 * @param valueDim floats of a value
 * @param queries rows x keyDim
 * @param keys rows x keyDim
 * @param values rows x valueDim
 * @param scale multiplies q.k to give the logit
 */
public record Head(
    String name,
    int rows,
    int keyDim,
    int valueDim,
    float[] queries,
    float[] keys,
    float[] values,
    double scale) {

  private static final double GOLDEN_RATIO = 0.6180339887498949;

  /** Checks the shapes; the arrays are kept, not copied. */
  public Head {
    if (queries.length < (long) rows * keyDim
        || keys.length < (long) rows * keyDim
        || values.length < (long) rows * valueDim) {
      throw new IllegalArgumentException("head " + name + " needs arrays of " + rows + " rows");
    }
  }

  /** Returns the head cut to its first {@code count} rows. Does not copy the arrays. */
  public Head first(int count) {
    return new Head(name, Math.min(rows, count), keyDim, valueDim, queries, keys, values, scale);
  }

  /**
   * Returns the rows of this head and behind them those of another.
   *
   * @param next has the same dimensions and scale
   */
  public Head followedBy(Head next) {
    if (next.keyDim != keyDim || next.valueDim != valueDim || next.scale != scale) {
      throw new IllegalArgumentException(
          "rows of head %s have other dimensions or another scale than those of %s"
              .formatted(next.name, name));
    }
    return new Head(
        name,
        Math.addExact(rows, next.rows),
        keyDim,
        valueDim,
        joined(queries, rows * keyDim, next.queries, next.rows * keyDim),
        joined(keys, rows * keyDim, next.keys, next.rows * keyDim),
        joined(values, rows * valueDim, next.values, next.rows * valueDim),
        scale);
  }

  private static float[] joined(float[] first, int count, float[] next, int nextCount) {
    float[] both = Arrays.copyOf(first, Math.addExact(count, nextCount));
    // What the first array holds behind its rows is overwritten.
    System.arraycopy(next, 0, both, count, nextCount);
    return both;
  }

  /** Returns the head of some rows, in the given order, as copies. */
  public Head only(int[] chosen) {
    return new Head(
        name,
        chosen.length,
        keyDim,
        valueDim,
        Draws.rows(queries, keyDim, chosen),
        Draws.rows(keys, keyDim, chosen),
        Draws.rows(values, valueDim, chosen),
        scale);
  }

  /** Returns the first {@code count} tokens. Does not copy the arrays. */
  public TokenBlock tokens(int count) {
    if (count > rows) {
      throw new IllegalArgumentException("Expected at most " + rows + " tokens, got " + count);
    }
    return TokenBlock.of(keyDim, valueDim, count, keys, values);
  }

  /** Returns queries {@code from} (inclusive) to {@code to} (exclusive). */
  public QueryBlock queries(int from, int to) {
    return new QueryBlock(
        Arrays.copyOfRange(queries, from * keyDim, to * keyDim), to - from, keyDim, scale);
  }

  /** Returns the queries of some rows, in the given order. */
  public QueryBlock queries(int[] chosen) {
    return new QueryBlock(Draws.rows(queries, keyDim, chosen), chosen.length, keyDim, scale);
  }

  /** Returns a copy of the key of a row. */
  public float[] key(int row) {
    return Arrays.copyOfRange(keys, row * keyDim, (row + 1) * keyDim);
  }

  /** Returns a copy of the value of a row. */
  public float[] value(int row) {
    return Arrays.copyOfRange(values, row * valueDim, (row + 1) * valueDim);
  }

  /** Returns {@code count} queries spread over the rows from {@code from} to the last. */
  public QueryBlock someQueries(int from, int count) {
    float[] some = new float[count * keyDim];
    for (int i = 0; i < count; i++) {
      int row = spread(i, from);
      System.arraycopy(queries, row * keyDim, some, i * keyDim, keyDim);
    }
    return new QueryBlock(some, count, keyDim, scale);
  }

  /**
   * Returns the i-th row of a sequence that covers the rows from {@code from} to the last evenly
   * but not in equal steps. Rows of a model repeat with its window, so equal steps would hit the
   * same places of every window.
   */
  public int spread(int i, int from) {
    double turns = (i + 0.5) * GOLDEN_RATIO;
    return from + (int) ((turns - Math.floor(turns)) * (rows - from));
  }

  /** Returns the number of distinct keys among the first {@code count} tokens. */
  public int distinctKeys(int count) {
    return (int)
        IntStream.range(0, count)
            .mapToObj(j -> FloatBuffer.wrap(keys, j * keyDim, keyDim))
            .distinct()
            .count();
  }
}
