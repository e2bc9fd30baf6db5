// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.numerics.Draws;
import java.util.Random;

/**
 * K-means clustering (Lloyd, IEEE Transactions on Information Theory 28, 1982), begun at random
 * rows. A cluster that loses all rows keeps its centre.
 */
final class KMeans {

  private KMeans() {}

  /**
   * Clusters rows.
   *
   * @param rows n x dim
   * @param wanted number of clusters; n if there are fewer rows
   * @param rounds number of times that centres become the means of their rows
   * @throws IllegalArgumentException if there are no rows
   */
  static Centres of(float[] rows, int dim, int wanted, int rounds, Random random) {
    int n = rows.length / dim;
    if (n == 0) {
      throw new IllegalArgumentException("there are no past rows to learn from");
    }
    int[] first = Draws.distinct(n, Math.min(wanted, n), random);
    float[] starts = Draws.rows(rows, dim, first);
    Centres centres = Centres.of(starts, dim);
    for (int round = 0; round < rounds; round++) {
      moveToMeans(centres, rows, centres.nearestToAll(rows));
    }
    return centres;
  }

  private static void moveToMeans(Centres centres, float[] rows, int[] home) {
    float[] means = means(rows, centres.dim(), home, centres.count());
    for (int c = 0; c < centres.count(); c++) {
      if (!Float.isNaN(means[c * centres.dim()])) {
        centres.set(c, means, c * centres.dim());
      }
    }
  }

  /** Returns the mean of the rows of each cluster, clusters x dim; NaN if it has no rows. */
  static float[] means(float[] rows, int dim, int[] home, int clusters) {
    double[] sums = new double[clusters * dim];
    int[] counts = new int[clusters];
    for (int j = 0; j < home.length; j++) {
      counts[home[j]]++;
      for (int i = 0; i < dim; i++) {
        sums[home[j] * dim + i] += rows[j * dim + i];
      }
    }
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      int count = counts[i / dim];
      means[i] = count == 0 ? Float.NaN : (float) (sums[i] / count);
    }
    return means;
  }
}
