// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * Answers queries from clusters; {@link ClusterSketch} derives the answers. It is made once for
 * many queries, which take a few products of floats, a block at a time: C (d + dv) + d (d + dv)
 * multiplications and C exponentials per query, and C dv more if answers state their errors ({@link
 * ClusterErrors}).
 */
final class ClusterReadout {

  /**
   * The largest shift of a cluster's mean key, in deviations. Found on attention heads: 0.7 costs
   * up to 40 % on medium heads (logits of deviation 3), 2 costs up to 30 % on sharp heads
   * (deviation 5).
   */
  static final float REACH = 1.3f;

  /** Queries in a block; products take them in fours or sixes. */
  private static final int BLOCK = 60;

  /** Rows have a multiple of this length, so that the kernels have no remainder. */
  private static final int ROWS = 16;

  /** Arrays that a thread keeps; their content is undefined between blocks of queries. */
  private static final class Scratch {
    float[] vectors = {};
    float[] rows = {};
    float[] weights = {};
    float[] outputs = {};
    final float[] logNormalizers = new float[BLOCK];

    /** The deviation, along each query, of logits in a cluster of spread 1. */
    final float[] along = new float[BLOCK];

    /** The factor of the shift along each query. */
    final float[] shifts = new float[BLOCK];

    void reserve(int keyDim, int valueDim, int count) {
      vectors = Floats.atLeast(vectors, BLOCK * keyDim);
      rows = Floats.atLeast(rows, BLOCK * Math.max(keyDim, valueDim));
      weights = Floats.atLeast(weights, BLOCK * count);
      outputs = Floats.atLeast(outputs, BLOCK * valueDim);
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final int keyDim;
  private final int valueDim;

  /** Number C of clusters, including clusters without mass that fill it up. */
  private final int count;

  /** Mean keys, transposed, d x C. */
  private final float[] columns;

  /** Mean values, C x dv; the clusters' own array if it is long enough. */
  private final float[] values;

  private final float[] logCounts;

  /** Square roots of the spreads. */
  private final float[] deviations;

  /** The end of the shift of each cluster's mean, divided by its deviation. */
  private final float[] ends;

  /** Where each cluster's mass begins to grow linearly: sqrt(2 ln n_c), n_c an effective number. */
  private final float[] reaches;

  /**
   * Shares of the clusters in the scatter of all keys, times 2^{@code unit}; zeros if there is
   * none.
   */
  private final float[] shares;

  /** S divided by the scatter, d x d; empty if S is not kept or nothing scatters. */
  private final float[] squares;

  /** X times 2^-{@code unit}, d x dv; empty if it is not kept. */
  private final float[] slope;

  private final ClusterErrors errors;

  ClusterReadout(Clusters clusters, Within within) {
    keyDim = clusters.keyDim;
    valueDim = clusters.valueDim;
    count = (clusters.count + ROWS - 1) / ROWS * ROWS;
    columns = new float[count * keyDim];
    // Values behind the last cluster are finite and have no mass.
    boolean isLong = clusters.values.length >= count * valueDim;
    values = isLong ? clusters.values : Arrays.copyOf(clusters.values, count * valueDim);
    logCounts = new float[count];
    Arrays.fill(logCounts, clusters.count, count, Float.NEGATIVE_INFINITY);
    reaches = new float[count];
    deviations = new float[count];
    ends = new float[count];
    Arrays.fill(ends, Float.MAX_VALUE);
    shares = new float[count];
    double scatter = 0;
    for (int a = 0; a < clusters.count; a++) {
      logCounts[a] = (float) Math.log(clusters.masses[a]);
      reaches[a] = (float) Math.sqrt(2 * Math.log(clusters.number(a)));
      deviations[a] = (float) Math.sqrt(clusters.spread[a]);
      ends[a] = Math.min(Float.MAX_VALUE, REACH / deviations[a]);
      scatter += clusters.masses[a] * clusters.spread[a];
      for (int i = 0; i < keyDim; i++) {
        columns[i * count + a] = clusters.keys[a * keyDim + i];
      }
    }
    boolean scatters = scatter >= Double.MIN_NORMAL;
    // Shares of weighted tokens may be of any size, and so may X.
    int unit = scatters && clusters.isWeighted() ? Math.getExponent(scatter) : 0;
    for (int a = 0; a < clusters.count && scatters; a++) {
      shares[a] = (float) (clusters.spread[a] / Math.scalb(scatter, -unit));
    }
    squares = scatters ? within.squares(1 / scatter) : new float[0];
    slope = within.products(-unit);
    errors = new ClusterErrors(clusters, within, scatters ? scatter : 0, values, reaches);
  }

  /**
   * Answers all queries; clamps outputs to the range of the values.
   *
   * @param stated whether answers state their errors
   */
  ClusterAnswers answer(QueryBlock queries, ValueRange range, boolean stated) {
    ClusterAnswers answers = new ClusterAnswers(queries.count(), valueDim, stated);
    Block block = new Block(SCRATCH.get());
    for (int first = 0; first < queries.count(); first += BLOCK) {
      block.answer(queries, first, Math.min(BLOCK, queries.count() - first));
      if (stated) {
        // Outputs and the true ones are both in the box of the range.
        block.stateErrors(answers, first, 2 * range.radius());
      }
      block.copyTo(answers, first, range);
    }
    return answers;
  }

  /** A few queries at a time. */
  private final class Block {
    private final Scratch scratch;
    private int size;

    Block(Scratch scratch) {
      scratch.reserve(keyDim, valueDim, count);
      this.scratch = scratch;
    }

    void answer(QueryBlock queries, int first, int n) {
      size = n;
      queries.copyScaled(first, n, scratch.vectors);
      setDeviations();
      Kernels.logMasses(scratch.along, n, logCounts, deviations, reaches, scratch.weights);
      Kernels.addProduct(scratch.vectors, n, keyDim, columns, count, scratch.weights);
      Kernels.softmaxRows(scratch.weights, n, count, scratch.logNormalizers);
      Arrays.fill(scratch.outputs, 0, n * valueDim, 0);
      Kernels.addProduct(scratch.weights, n, count, values, valueDim, scratch.outputs);
      if (slope.length > 0) {
        addShifts();
      }
    }

    private void setDeviations() {
      if (squares.length == 0) {
        // Assumes that S is round.
        for (int q = 0; q < size; q++) {
          scratch.along[q] = root(dot(scratch.vectors, scratch.vectors, q) / keyDim);
        }
        return;
      }
      Arrays.fill(scratch.rows, 0, size * keyDim, 0);
      Kernels.addProduct(scratch.vectors, size, keyDim, squares, keyDim, scratch.rows);
      for (int q = 0; q < size; q++) {
        scratch.along[q] = root(dot(scratch.vectors, scratch.rows, q));
      }
    }

    private double dot(float[] a, float[] b, int q) {
      double dot = 0;
      for (int i = q * keyDim, end = i + keyDim; i < end; i++) {
        dot += (double) a[i] * b[i];
      }
      return dot;
    }

    /** Returns the root of a square, limited to the range of floats. */
    private float root(double square) {
      return square > 0 ? (float) Math.min(Float.MAX_VALUE, Math.sqrt(square)) : 0;
    }

    /** Adds sum_c p_c X_c'q: X'q for all clusters, times the mean of their shares. */
    private void addShifts() {
      Arrays.fill(scratch.rows, 0, size * valueDim, 0);
      Kernels.addProduct(scratch.vectors, size, keyDim, slope, valueDim, scratch.rows);
      Kernels.cutMeans(scratch.weights, size, shares, ends, scratch.along, scratch.shifts);
      for (int q = 0; q < size; q++) {
        for (int c = q * valueDim, end = c + valueDim; c < end; c++) {
          scratch.outputs[c] += scratch.shifts[q] * scratch.rows[c];
        }
      }
    }

    void stateErrors(ClusterAnswers answers, int first, double most) {
      errors.state(
          scratch.vectors,
          scratch.along,
          scratch.weights,
          scratch.outputs,
          size,
          most,
          answers,
          first);
    }

    void copyTo(ClusterAnswers answers, int first, ValueRange range) {
      System.arraycopy(scratch.logNormalizers, 0, answers.logNormalizers(), first, size);
      System.arraycopy(scratch.outputs, 0, answers.outputs(), first * valueDim, size * valueDim);
      range.clampRows(answers.outputs(), first * valueDim, size);
    }
  }

  /** Returns the bytes on the heap that only this object holds. */
  long heapBytes() {
    return Float.BYTES * (columns.length + values.length + 5L * count + squares.length)
        + errors.heapBytes();
  }
}
