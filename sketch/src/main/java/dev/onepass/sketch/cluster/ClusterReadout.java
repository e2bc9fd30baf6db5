package dev.onepass.sketch.cluster;

import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.kernel.Kernels;
import java.util.Arrays;

/**
 * Answers queries from clusters; see {@link ClusterSketch} for what they are. Made once for many: C
 * (d + dv) + d (d / 2 + dv) multiplications and 2 C exponentials and roots for each query.
 */
final class ClusterReadout {

  /**
   * Deviations that the mean key of a cluster is shifted by at most. Found on attention heads: 0.7
   * costs medium ones (logits of deviation 3) up to 40 %, 2 sharp ones (deviation 5) up to 30 %.
   */
  static final double REACH = 1.3;

  private final Clusters clusters;
  private final Within within;
  private final double[] logCount;

  /** Root of a cluster's spread. */
  private final double[] deviation;

  /** Where a cluster's mass begins to grow linearly: sqrt(2 ln n_c). */
  private final double[] linearFrom;

  /** Of a cluster in the scatter of all keys. */
  private final double[] share;

  private final double scatter;

  /** S whole, d x d; empty if it is not kept. */
  private final float[] squares;

  private final double[] query;
  private final double[] weights;
  private final double[] shifts;
  private final double[] slope;

  ClusterReadout(Clusters clusters, Within within) {
    this.clusters = clusters;
    this.within = within;
    int n = clusters.count;
    logCount = new double[n];
    deviation = new double[n];
    linearFrom = new double[n];
    share = new double[n];
    double sum = 0;
    for (int a = 0; a < n; a++) {
      logCount[a] = Math.log(clusters.tokens[a]);
      deviation[a] = Math.sqrt(clusters.spread[a]);
      linearFrom[a] = Math.sqrt(2 * logCount[a]);
      sum += clusters.tokens[a] * clusters.spread[a];
    }
    scatter = sum;
    for (int a = 0; a < n && scatter > 0; a++) {
      share[a] = clusters.spread[a] / scatter;
    }
    squares = within.squares();
    query = new double[clusters.keyDim];
    weights = new double[n];
    shifts = new double[n];
    slope = new double[clusters.valueDim];
  }

  /**
   * Writes y(q) and returns ln den(q).
   *
   * @param output dv numbers
   */
  double answer(QueryBlock queries, int q, double[] output) {
    int n = clusters.count;
    int d = queries.dim();
    Kernels.logits(queries.vectors(), q * d, queries.scale(), clusters.keys, n, d, weights);
    addMasses(deviationAlong(queries, q));
    double max = Kernels.max(weights, n);
    Kernels.expMinus(weights, n, max);
    Arrays.fill(output, 0);
    Kernels.addWeightedRows(weights, clusters.values, n, output.length, output);
    double meanShift = Kernels.dot(weights, 0, shifts, 0, n);
    double den = sum(weights, n);
    for (int c = 0; c < output.length; c++) {
      output[c] = (output[c] + meanShift * slope[c]) / den;
    }
    return max + Math.log(den);
  }

  /**
   * Adds to logits of mean keys what the clusters' tokens add, and sets how far the values' means
   * shift.
   *
   * @param along s_c for a spread of 1
   */
  private void addMasses(double along) {
    for (int a = 0; a < weights.length; a++) {
      double s = deviation[a] * along;
      double bent = Math.min(s, linearFrom[a]);
      weights[a] += logCount[a] + bent * (s - 0.5 * bent);
      shifts[a] = share[a] * REACH / Math.max(REACH, s);
    }
  }

  /** Sets X'q and returns sqrt(q'Sq / tr S), so that s_c is that times the root of the spread. */
  private double deviationAlong(QueryBlock queries, int q) {
    Arrays.fill(slope, 0);
    if (!(scatter > 0)) {
      return 0;
    }
    int d = query.length;
    for (int i = 0; i < d; i++) {
      query[i] = queries.scale() * queries.vectors()[q * d + i];
    }
    within.addSlope(query, slope);
    if (squares.length == 0) {
      // As if S were round.
      return Math.sqrt(Kernels.dot(query, 0, query, 0, d) / d);
    }
    double[] scattered = new double[d];
    Kernels.addWeightedRows(query, squares, d, d, scattered);
    return Math.sqrt(Math.max(0, Kernels.dot(query, 0, scattered, 0, d)) / scatter);
  }

  /** Bytes that are its own. */
  long heapBytes() {
    long doubles = 6L * weights.length + query.length + slope.length;
    return Double.BYTES * doubles + Float.BYTES * (long) squares.length;
  }

  private static double sum(double[] x, int n) {
    double even = 0;
    double odd = 0;
    for (int a = 0; a + 1 < n; a += 2) {
      even += x[a];
      odd += x[a + 1];
    }
    return even + odd + (n % 2 == 0 ? 0 : x[n - 1]);
  }
}
