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
  private final double[] deviation;
  private final double scatter;
  private final double[] weights;

  ClusterReadout(Clusters clusters, Within within) {
    this.clusters = clusters;
    this.within = within;
    logCount = new double[clusters.count];
    deviation = new double[clusters.count];
    weights = new double[clusters.count];
    double sum = 0;
    for (int a = 0; a < clusters.count; a++) {
      logCount[a] = Math.log(clusters.tokens[a]);
      deviation[a] = Math.sqrt(clusters.spread[a]);
      sum += clusters.tokens[a] * clusters.spread[a];
    }
    scatter = sum;
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
    double[] slope = new double[output.length];
    double along = alongQuery(queries, q, slope);
    double[] shift = new double[n];
    for (int a = 0; a < n; a++) {
      double s = deviation[a] * along;
      if (s > 0) {
        double most = Math.sqrt(2 * logCount[a]);
        weights[a] += s > most ? s * most : logCount[a] + 0.5 * s * s;
        shift[a] = clusters.spread[a] / scatter * Math.min(1, REACH / s);
      } else {
        weights[a] += logCount[a];
      }
    }
    double max = Kernels.max(weights, n);
    Kernels.expMinus(weights, n, max);
    Arrays.fill(output, 0);
    Kernels.addWeightedRows(weights, clusters.values, n, output.length, output);
    double den = 0;
    double meanShift = 0;
    for (int a = 0; a < n; a++) {
      den += weights[a];
      meanShift += weights[a] * shift[a];
    }
    for (int c = 0; c < output.length; c++) {
      output[c] = (output[c] + meanShift * slope[c]) / den;
    }
    return max + Math.log(den);
  }

  /** Writes X'q and returns sqrt(q'Sq / tr S), so that s_c is that times the root of the spread. */
  private double alongQuery(QueryBlock queries, int q, double[] slope) {
    if (!(scatter > 0)) {
      return 0;
    }
    double[] query = new double[queries.dim()];
    for (int i = 0; i < query.length; i++) {
      query[i] = queries.scale() * queries.vectors()[q * query.length + i];
    }
    within.slopeAlong(query, slope);
    return Math.sqrt(within.scatterAlong(query, scatter) / scatter);
  }
}
