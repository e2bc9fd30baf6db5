package dev.onepass.datasets.heads;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What one attention head computed, row by row: keys and values, which are the tokens, and queries.
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
      throw new IllegalArgumentException("head " + name + " has arrays of fewer rows than " + rows);
    }
  }

  /** The head as it was after so many rows; the arrays are not copied. */
  public Head first(int count) {
    return new Head(name, Math.min(rows, count), keyDim, valueDim, queries, keys, values, scale);
  }

  /** The first {@code count} tokens; the arrays are not copied. */
  public TokenBlock tokens(int count) {
    if (count > rows) {
      throw new IllegalArgumentException(count + " tokens of " + rows);
    }
    return TokenBlock.of(keyDim, valueDim, count, keys, values);
  }

  /** Queries {@code from} (inclusive) to {@code to} (exclusive). */
  public QueryBlock queries(int from, int to) {
    return new QueryBlock(
        Arrays.copyOfRange(queries, from * keyDim, to * keyDim), to - from, keyDim, scale);
  }

  /** {@code count} queries spread over the rows from {@code from} on. */
  public QueryBlock someQueries(int from, int count) {
    float[] some = new float[count * keyDim];
    for (int i = 0; i < count; i++) {
      int row = spread(i, from);
      System.arraycopy(queries, row * keyDim, some, i * keyDim, keyDim);
    }
    return new QueryBlock(some, count, keyDim, scale);
  }

  /**
   * The i-th of rows that fill {@code from} to the end evenly, but keep no step: rows of a model
   * repeat with its window, and equal steps would meet the same places of every window.
   */
  public int spread(int i, int from) {
    double turns = (i + 0.5) * GOLDEN_RATIO;
    return from + (int) ((turns - Math.floor(turns)) * (rows - from));
  }

  /** Different keys among the first {@code count} tokens. */
  public int distinctKeys(int count) {
    return (int)
        IntStream.range(0, count)
            .mapToObj(j -> FloatBuffer.wrap(keys, j * keyDim, keyDim))
            .distinct()
            .count();
  }
}
