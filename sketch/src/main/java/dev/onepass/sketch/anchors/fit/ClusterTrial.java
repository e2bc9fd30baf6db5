// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Measures on held-back queries whether clusters are worth their bytes: half of the anchors with
 * clusters in the bytes of the other half, against all anchors without clusters.
 *
 * <p>On attention heads of transformers, clusters often double the error. For few keys that repeat,
 * such as items of a catalogue, clusters do not increase the error on past keys, and they keep
 * answers right when new keys arrive. So anchors are used without clusters only if they do clearly
 * better.
 */
final class ClusterTrial {

  /** Share of the bytes for clusters. */
  private static final double SHARE = 0.5;

  /**
   * Anchors alone are clearly better if clusters increase the error by this factor. Measured
   * factors are 1.36 and more for heads of transformers, and up to 1.19 for recommender streams
   * with changing keys.
   */
  private static final double CLEARLY = 1.27;

  private final SurrogateTokens surrogates;
  private final List<Kernel> kernels;
  private final EmbeddedQueries known;
  private final EmbeddedQueries asked;
  private final float[] knownQueries;
  private final float[] askedQueries;
  private final double[][] outputs;
  private final double[][] truth;

  /**
   * Computes the exact outputs of all queries.
   *
   * @param surrogates tokens over which queries attend
   * @param space space of the queries
   * @param kernels kernels of the set
   * @param known queries that serve as anchors, n x d, row-major
   * @param asked held-back queries, m x d, row-major
   */
  ClusterTrial(
      SurrogateTokens surrogates,
      QuerySpace space,
      List<Kernel> kernels,
      float[] known,
      float[] asked) {
    this.surrogates = surrogates;
    this.kernels = kernels;
    knownQueries = known;
    askedQueries = asked;
    this.known = EmbeddedQueries.of(space, known, known.length / surrogates.keyDim(), 1);
    this.asked = EmbeddedQueries.of(space, asked, asked.length / surrogates.keyDim(), 1);
    outputs = keysOf(surrogates.attention(known, this.known.count()));
    truth = keysOf(surrogates.attention(asked, this.asked.count()));
  }

  /**
   * Returns the share of clusters by two trials: {@value #SHARE}, or 0 if anchors alone do clearly
   * better. A single trial is less reliable if both errors are close.
   */
  static double share(ClusterTrial one, ClusterTrial other) {
    return Math.hypot(one.together(), other.together())
            < CLEARLY * Math.hypot(one.alone(), other.alone())
        ? SHARE
        : 0;
  }

  /** Returns the error of all anchors without clusters. */
  double alone() {
    double[][] base = mean(outputs, Math.max(known.count(), asked.count()));
    return error(known.count(), base, base);
  }

  /**
   * Returns the error of half of the anchors with clusters in the bytes of the other half; infinity
   * if these bytes hold no clusters.
   */
  double together() {
    int half = known.count() / 2;
    AttentionSketch clusters = clustersInTheBytesOf(known.count() - half);
    return clusters == null
        ? Double.POSITIVE_INFINITY
        : error(
            half,
            answers(clusters, knownQueries, half),
            answers(clusters, askedQueries, asked.count()));
  }

  /**
   * Returns the error of clusters in the bytes of all anchors; infinity if these bytes hold no
   * clusters.
   */
  double clusters() {
    AttentionSketch clusters = clustersInTheBytesOf(known.count());
    if (clusters == null) {
      return Double.POSITIVE_INFINITY;
    }
    double[][] answers = answers(clusters, askedQueries, asked.count());
    double wrong = 0;
    for (int q = 0; q < answers.length; q++) {
      for (int c = 0; c < answers[q].length; c++) {
        wrong += Math.pow(answers[q][c] - truth[q][c], 2);
      }
    }
    return Math.sqrt(wrong);
  }

  /**
   * Returns clusters of the surrogate tokens in the bytes of {@code anchors} anchors; null if these
   * bytes hold no clusters.
   */
  private AttentionSketch clustersInTheBytesOf(int anchors) {
    int d = surrogates.keyDim();
    SketchConfig config = new SketchConfig(d, d, anchors * AnchorSet.rowBytes(d), 0, Map.of());
    if (!ClusterFamily.INSTANCE.fits(config)) {
      return null;
    }
    TokenBlock tokens =
        TokenBlock.of(d, d, surrogates.count(), surrogates.keys(), surrogates.keysAsValues());
    AttentionSketch clusters = ClusterFamily.INSTANCE.begin(config, tokens, AnchorSets.NONE);
    clusters.update(tokens);
    return clusters;
  }

  private double[][] keysOf(double[][] outputs) {
    return Arrays.stream(outputs)
        .map(output -> Arrays.copyOf(output, surrogates.keyDim()))
        .toArray(double[][]::new);
  }

  private static double[][] mean(double[][] rows, int count) {
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += row[c] / rows.length;
      }
    }
    double[][] means = new double[count][];
    Arrays.fill(means, mean);
    return means;
  }

  private double[][] answers(AttentionSketch clusters, float[] queries, int count) {
    SoftmaxSum sums = new SoftmaxSum(count, surrogates.keyDim());
    clusters.addTo(sums, new QueryBlock(queries, count, surrogates.keyDim(), 1));
    double[][] answers = new double[count][surrogates.keyDim()];
    for (int q = 0; q < count; q++) {
      for (int c = 0; c < answers[q].length; c++) {
        answers[q][c] = sums.output(q, c);
      }
    }
    return answers;
  }

  /**
   * Returns the smallest error, over all kernels, of interpolating from the first known queries.
   */
  private double error(int count, double[][] knownBase, double[][] base) {
    int d = surrogates.keyDim();
    double least = Double.POSITIVE_INFINITY;
    double[] covariances = new double[count];
    float[] variograms = new float[asked.count() * count];
    for (Kernel kernel : kernels) {
      InterruptedWorkException.check();
      Kriging kriging = new Kriging(known, kernel, count);
      double[] weights = new double[count * d];
      Arrays.setAll(weights, i -> outputs[i / d][i % d] - knownBase[i / d][i % d]);
      kriging.solve(weights, d);
      kriging.variograms(asked, variograms);
      double wrong = 0;
      for (int q = 0; q < asked.count(); q++) {
        kriging.covariances(asked, variograms, q, covariances);
        double[] left = new double[d];
        for (int c = 0; c < d; c++) {
          left[c] = base[q][c] - truth[q][c];
        }
        for (int r = 0; r < count; r++) {
          for (int c = 0; c < d; c++) {
            left[c] += covariances[r] * weights[r * d + c];
          }
        }
        for (double miss : left) {
          wrong += miss * miss;
        }
      }
      least = Math.min(least, wrong);
    }
    return Math.sqrt(least);
  }
}
