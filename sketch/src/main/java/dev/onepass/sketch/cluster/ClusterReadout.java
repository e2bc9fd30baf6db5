package dev.onepass.sketch.cluster;

import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.ValueRange;
import dev.onepass.sketch.kernel.Kernels;
import java.util.Arrays;

/**
 * Answers queries from clusters; see {@link ClusterSketch} for what they are. Made once for many,
 * which are a few products of floats, a block at a time: C (d + dv) + d (d + dv) multiplications
 * and C exponentials for each.
 */
final class ClusterReadout {

  /**
   * Deviations that the mean key of a cluster is shifted by at most. Found on attention heads: 0.7
   * costs medium ones (logits of deviation 3) up to 40 %, 2 sharp ones (deviation 5) up to 30 %.
   */
  static final float REACH = 1.3f;

  /** Queries at a time: products take them by fours or sixes. */
  private static final int BLOCK = 60;

  /** Rows have a multiple of so many numbers, so that the kernels have no rest of them. */
  private static final int ROWS = 16;

  private final int keyDim;
  private final int valueDim;

  /** Clusters C, filled up with such as have no mass. */
  private final int count;

  /** Mean keys, transposed, d x C. */
  private final float[] columns;

  /** Mean values, C x dv. */
  private final float[] values;

  private final float[] logCounts;

  /** Roots of the spreads. */
  private final float[] deviations;

  /** Where the shift of a cluster's mean ends, over its deviation. */
  private final float[] ends;

  /** Where a cluster's mass begins to grow linearly: sqrt(2 ln n_c). */
  private final float[] reaches;

  /** Of the clusters in the scatter of all keys; zeros if there is none. */
  private final float[] shares;

  /** S over the scatter, d x d; empty if S is not kept or nothing scatters. */
  private final float[] squares;

  /** X, d x dv; empty if it is not kept. */
  private final float[] slope;

  ClusterReadout(Clusters clusters, Within within) {
    keyDim = clusters.keyDim;
    valueDim = clusters.valueDim;
    count = (clusters.count + ROWS - 1) / ROWS * ROWS;
    columns = new float[count * keyDim];
    values = Arrays.copyOf(clusters.values, count * valueDim);
    Arrays.fill(values, clusters.count * valueDim, values.length, 0);
    logCounts = new float[count];
    Arrays.fill(logCounts, clusters.count, count, Float.NEGATIVE_INFINITY);
    reaches = new float[count];
    deviations = new float[count];
    ends = new float[count];
    Arrays.fill(ends, Float.MAX_VALUE);
    shares = new float[count];
    double scatter = 0;
    for (int a = 0; a < clusters.count; a++) {
      double logCount = Math.log(clusters.tokens[a]);
      logCounts[a] = (float) logCount;
      reaches[a] = (float) Math.sqrt(2 * logCount);
      deviations[a] = (float) Math.sqrt(clusters.spread[a]);
      ends[a] = Math.min(Float.MAX_VALUE, REACH / deviations[a]);
      scatter += clusters.tokens[a] * clusters.spread[a];
      for (int i = 0; i < keyDim; i++) {
        columns[i * count + a] = clusters.keys[a * keyDim + i];
      }
    }
    for (int a = 0; a < clusters.count && scatter > 0; a++) {
      shares[a] = (float) (clusters.spread[a] / scatter);
    }
    squares = scatter > 0 ? within.squares(1 / scatter) : new float[0];
    slope = within.products();
  }

  /** The answers to all queries, no output beyond the range of the values. */
  ClusterAnswers answer(QueryBlock queries, ValueRange range) {
    ClusterAnswers answers = new ClusterAnswers(queries.count(), valueDim);
    Block block = new Block(Math.min(BLOCK, queries.count()));
    for (int first = 0; first < queries.count(); first += BLOCK) {
      block.answer(queries, first, Math.min(BLOCK, queries.count() - first));
      block.copyTo(answers, first, range);
    }
    return answers;
  }

  /** A few queries, and others in their stead when they are done. */
  private final class Block {
    private final float[] vectors;
    private final float[] rows;
    private final float[] weights;
    private final float[] outputs;
    private final float[] logNormalizers;

    /** Along each query, the deviation of logits in a cluster whose spread is 1. */
    private final float[] along;

    private int size;

    Block(int capacity) {
      vectors = new float[capacity * keyDim];
      rows = new float[capacity * Math.max(keyDim, valueDim)];
      weights = new float[capacity * count];
      outputs = new float[capacity * valueDim];
      logNormalizers = new float[capacity];
      along = new float[capacity];
    }

    void answer(QueryBlock queries, int first, int n) {
      size = n;
      queries.copyScaled(first, n, vectors);
      setDeviations();
      Kernels.logMasses(along, n, logCounts, deviations, reaches, weights);
      Kernels.addProduct(vectors, n, keyDim, columns, count, weights);
      Kernels.softmaxRows(weights, n, count, logNormalizers);
      Arrays.fill(outputs, 0, n * valueDim, 0);
      Kernels.addProduct(weights, n, count, values, valueDim, outputs);
      if (slope.length > 0) {
        addShifts();
      }
    }

    private void setDeviations() {
      if (squares.length == 0) {
        // As if S were round.
        for (int q = 0; q < size; q++) {
          along[q] = root(dot(vectors, vectors, q) / keyDim);
        }
        return;
      }
      Arrays.fill(rows, 0, size * keyDim, 0);
      Kernels.addProduct(vectors, size, keyDim, squares, keyDim, rows);
      for (int q = 0; q < size; q++) {
        along[q] = root(dot(vectors, rows, q));
      }
    }

    private double dot(float[] a, float[] b, int q) {
      double dot = 0;
      for (int i = q * keyDim, end = i + keyDim; i < end; i++) {
        dot += (double) a[i] * b[i];
      }
      return dot;
    }

    /** A float also of products beyond floats. */
    private float root(double square) {
      return square > 0 ? (float) Math.min(Float.MAX_VALUE, Math.sqrt(square)) : 0;
    }

    /** Adds sum_c p_c X_c'q: X'q for all clusters, times the mean over them of their shares. */
    private void addShifts() {
      Arrays.fill(rows, 0, size * valueDim, 0);
      Kernels.addProduct(vectors, size, keyDim, slope, valueDim, rows);
      for (int q = 0; q < size; q++) {
        float shift = meanShift(q);
        for (int c = q * valueDim, end = c + valueDim; c < end; c++) {
          outputs[c] += shift * rows[c];
        }
      }
    }

    private float meanShift(int q) {
      float perDeviation = 1 / along[q];
      float even = 0;
      float odd = 0;
      for (int a = 0, at = q * count; a < count; a += 2, at += 2) {
        even += weights[at] * shares[a] * least(1, ends[a] * perDeviation);
        odd += weights[at + 1] * shares[a + 1] * least(1, ends[a + 1] * perDeviation);
      }
      return even + odd;
    }

    void copyTo(ClusterAnswers answers, int first, ValueRange range) {
      System.arraycopy(logNormalizers, 0, answers.logNormalizers(), first, size);
      for (int q = 0, i = 0, at = first * valueDim; q < size; q++) {
        for (int c = 0; c < valueDim; c++, i++, at++) {
          answers.outputs()[at] = range.clamp(c, outputs[i]);
        }
      }
    }
  }

  /** Of two numbers, neither of which is none: several times as fast as to look for such. */
  private static float least(float a, float b) {
    return a < b ? a : b;
  }

  /** Bytes that are its own. */
  long heapBytes() {
    return Float.BYTES * (columns.length + values.length + 5L * count + squares.length);
  }
}
