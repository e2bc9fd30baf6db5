// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * Bounds on the errors of answers, made to hold for 90 % of them. Clusters forget which token had
 * which value, so nothing in them tells the error of an answer; a model does. With the names of
 * {@link ClusterSketch},
 *
 * <pre>
 *   error^2 = sum_c p_c^2 (sigma_c^2 own_c + moved_c |vbar_c - y|^2)
 *             + 0.004 (sum_c p_c sigma_c own_c^(1/2))^2
 *   own_c   = 7 min((1 - 1/n_c) / 4, e(0.3 s_c^2) / n_c)
 *             + (1 - 1/n_c) (0.43 (1 - R^2)^2 min(1, s_c^2) + 0.29 min(1, s_c^4))
 *   moved_c = 0.39 (1 - 1/n_c) min(1, s_c^4),   e(x) = x + x^2 / 2 + x^3 / 6
 * </pre>
 *
 * <p>sigma_c^2 is the variance of the values of a cluster: its share in the scatter of all values,
 * by its spread. Softmax takes their mean with uneven weights. The terms of own_c are what that
 * mean deviates by: because few tokens have most of the weight, because values depend on keys in
 * other ways than X says, and because they are not linear in keys. R^2 is the share of the scatter
 * of values that X explains. moved_c is the error of a cluster's mass, which moves the answer
 * towards the cluster's mean value. All terms are 0 for a pure cluster. What remains there is the
 * rounding of means, which is added to both.
 *
 * <p>Errors of clusters are nearly independent, so their squares add up. But all clusters have the
 * same S and X, which are wrong for all of them. The second sum is for this part. It is small, and
 * decides where there are thousands of clusters.
 *
 * <p>The bound on the error of ln den is 2 g / (1 + g / 2). g is the mean by p of what spreads add
 * to the logarithms of the masses.
 *
 * <p>The factors are the same for all data. They come from heads of d = 32 and 64 and recommender
 * streams at 2 to 512 KiB; docs/algorithms.md has the coverage there, and where it fails.
 */
final class ClusterErrors {

  private static final float NOISE = 7;
  private static final float SOFTENED = 0.3f;
  private static final float SLOPE = 0.43f;
  private static final float CURVE = 0.29f;
  private static final float MASS = 0.39f;

  /** Correlation of the errors of any two clusters: S and X are the same for all. */
  private static final double COMMON = 0.004;

  /** Larger squares s_c^2 change nothing. */
  private static final float LARGEST = 1e6f;

  /** Rounding counts as two of its standard deviations. */
  private static final double ROUNDING = 4;

  /** Arrays that a thread keeps; their content is undefined between blocks of queries. */
  private static final class Scratch {

    /** The terms of the square error that do not depend on the output. */
    float[] own = {};

    /** min(1, s_c^2). */
    float[] once = {};

    /** p_c^2. */
    float[] shares = {};

    /** p_c times the root of the terms of a cluster. */
    float[] roots = {};

    /** The factors of |vbar_c - y|^2 for one query, and for all. */
    float[] move = {};

    float[] moves = {};

    /** Sums of mean values with these factors. */
    float[] moved = {};

    /** The mean square deviation of logits within clusters, cut off at their reach. */
    float[] cuts = {};

    void reserve(int queries, int count, int valueDim) {
      cuts = Floats.atLeast(cuts, queries);
      own = Floats.atLeast(own, count);
      once = Floats.atLeast(once, count);
      shares = Floats.atLeast(shares, count);
      roots = Floats.atLeast(roots, count);
      move = Floats.atLeast(move, count);
      moves = Floats.atLeast(moves, queries * count);
      moved = Floats.atLeast(moved, queries * valueDim);
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final int keyDim;
  private final int valueDim;

  /** Number C of clusters, including clusters without mass that fill it up. */
  private final int count;

  /** Mean values, C x dv. */
  private final float[] values;

  private final float[] spreads;

  /** Where each cluster's mass begins to grow linearly, divided by its deviation. */
  private final float[] ends;

  /** 1 / n_c of an effective number of tokens. */
  private final float[] perToken;

  /** 1 - 1 / n_c. */
  private final float[] others;

  /** sigma_c^2. */
  private final float[] variances;

  /** |vbar_c|^2. */
  private final float[] squares;

  /** Squares of the rounding of a coordinate of a mean key, and of a mean value. */
  private final float[] keyRounding;

  private final float[] valueRounding;

  /** The factor of (1 - 1/n_c) min(1, s_c^2). */
  private final float slope;

  /**
   * Creates the errors of a readout.
   *
   * @param scatter the sum over tokens of the square distances of keys from the mean of their
   *     cluster
   * @param values mean values, C x dv, with rows of any finite numbers behind the last cluster
   * @param reaches where each cluster's mass begins to grow linearly, C
   */
  ClusterErrors(Clusters clusters, Within within, double scatter, float[] values, float[] reaches) {
    keyDim = clusters.keyDim;
    valueDim = clusters.valueDim;
    count = reaches.length;
    this.values = values;
    spreads = Arrays.copyOf(clusters.spread, count);
    Arrays.fill(spreads, clusters.count, count, 0);
    ends = new float[count];
    Arrays.fill(ends, Float.MAX_VALUE);
    perToken = new float[count];
    others = new float[count];
    variances = new float[count];
    squares = new float[count];
    keyRounding = new float[count];
    valueRounding = new float[count];
    for (int a = 0; a < clusters.count; a++) {
      ends[a] = clusters.isPure(a) ? Float.MAX_VALUE : end(reaches[a], spreads[a]);
      double share = scatter > 0 ? clusters.spread[a] / scatter : 0;
      variances[a] = finite(share * within.valueScatter());
      perToken[a] = (float) (1 / clusters.number(a));
      others[a] = 1 - perToken[a];
      squares[a] = finite(Floats.squareSum(clusters.values, a * valueDim, valueDim));
      keyRounding[a] = finite(rounding(clusters.keys, a, keyDim));
      valueRounding[a] = finite(valueDim * rounding(clusters.values, a, valueDim));
    }
    double left = 1 - within.explained(scatter);
    slope = (float) (SLOPE * left * left);
  }

  private static float end(float reach, float spread) {
    return finite(Math.max(Float.MIN_NORMAL, reach / Math.sqrt(spread)));
  }

  private static float finite(double x) {
    return (float) Math.min(Float.MAX_VALUE, x);
  }

  /** Returns the square of the rounding of one coordinate to 16 bits. */
  private static double rounding(float[] rows, int row, int dim) {
    double largest = 0;
    for (int i = row * dim; i < (row + 1) * dim; i++) {
      largest = Math.max(largest, Math.abs(rows[i]));
    }
    double unit = 0x1p-14 * largest;
    return ROUNDING * unit * unit / 12;
  }

  /**
   * States the errors of a block of answers.
   *
   * @param vectors queries, n x d
   * @param along the deviation, along each query, of logits in a cluster of spread 1
   * @param weights shares of the clusters in the mass, n x C
   * @param outputs n x dv
   * @param n number of queries
   * @param most no output is further from the truth
   * @param answers receives the errors, from {@code first} on
   */
  void state(
      float[] vectors,
      float[] along,
      float[] weights,
      float[] outputs,
      int n,
      double most,
      ClusterAnswers answers,
      int first) {
    Scratch scratch = SCRATCH.get();
    scratch.reserve(n, count, valueDim);
    Kernels.cutMeans(weights, n, spreads, ends, along, scratch.cuts);
    double[] own = new double[n];
    for (int q = 0; q < n; q++) {
      float square = finite((double) along[q] * along[q]);
      float length = finite(Floats.squareSum(vectors, q * keyDim, keyDim));
      setTerms(square, length, weights, q * count, scratch);
      double together = sum(scratch.roots, 0, count);
      own[q] = sum(scratch.own, 0, count) + COMMON * together * together;
      double gain = (double) square * scratch.cuts[q] / 2;
      answers.logNormalizerErrors()[first + q] = 2 / (1 / gain + 0.5);
    }
    Arrays.fill(scratch.moved, 0, n * valueDim, 0);
    Kernels.addProduct(scratch.moves, n, count, values, valueDim, scratch.moved);
    for (int q = 0; q < n; q++) {
      double error = Math.sqrt(Math.max(0, own[q] + distances(q, outputs, scratch)));
      // Numbers close to the largest float give infinity or NaN.
      answers.outputErrors()[first + q] = error < most ? error : most;
    }
  }

  /**
   * Sets the terms of one query. Loops are short and have equal indices, so that compilers use
   * vectors.
   *
   * @param square of the deviation of logits in a cluster of spread 1
   * @param length square length of the query
   * @param row where the query's weights begin
   */
  private void setTerms(float square, float length, float[] weights, int row, Scratch scratch) {
    float[] own = scratch.own;
    float[] once = scratch.once;
    float[] moves = scratch.move;
    float[] shares = scratch.shares;
    float[] roots = scratch.roots;
    System.arraycopy(weights, row, shares, 0, count);
    setUneven(Math.min(LARGEST, SOFTENED * square), own);
    for (int c = 0; c < count; c++) {
      once[c] = Math.min(1, square * spreads[c]);
    }
    for (int c = 0; c < count; c++) {
      own[c] = NOISE * own[c] + others[c] * once[c] * (slope + CURVE * once[c]);
    }
    for (int c = 0; c < count; c++) {
      moves[c] = Math.min(1, MASS * others[c] * once[c] * once[c] + length * keyRounding[c]);
    }
    for (int c = 0; c < count; c++) {
      own[c] = own[c] * variances[c] + valueRounding[c] + moves[c] * squares[c];
    }
    for (int c = 0; c < count; c++) {
      roots[c] = shares[c] * (float) Math.sqrt(own[c]);
    }
    for (int c = 0; c < count; c++) {
      shares[c] *= shares[c];
    }
    for (int c = 0; c < count; c++) {
      own[c] *= shares[c];
    }
    for (int c = 0; c < count; c++) {
      moves[c] *= shares[c];
    }
    System.arraycopy(moves, 0, scratch.moves, row, count);
  }

  private void setUneven(float softened, float[] uneven) {
    for (int c = 0; c < count; c++) {
      float x = Math.min(LARGEST, softened * spreads[c]);
      float few = perToken[c] * x * (1 + x * (1f / 2 + x * (1f / 6)));
      uneven[c] = Math.min(others[c] / 4, few);
    }
  }

  /** Returns a sum, computed as several independent ones. */
  private static double sum(float[] numbers, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = from; i < from + count; i += 4) {
      a += numbers[i];
      b += numbers[i + 1];
      c += numbers[i + 2];
      d += numbers[i + 3];
    }
    return a + b + (c + d);
  }

  /** Returns sum_c moves_c |vbar_c - y|^2 without the part that y does not change. */
  private double distances(int q, float[] outputs, Scratch scratch) {
    double moves = sum(scratch.moves, q * count, count);
    double sum = 0;
    for (int c = 0, i = q * valueDim; c < valueDim; c++, i++) {
      sum += (double) outputs[i] * (moves * outputs[i] - 2.0 * scratch.moved[i]);
    }
    return sum;
  }

  /** Returns the bytes on the heap that only this object holds. */
  long heapBytes() {
    return 8L * Float.BYTES * count;
  }
}
