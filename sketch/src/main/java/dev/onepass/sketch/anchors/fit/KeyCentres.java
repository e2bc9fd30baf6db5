// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.Random;

/**
 * Weighted centres of keys, found by k-means (Lloyd, IEEE Transactions on Information Theory 28,
 * 1982), with the common scatter of keys about their centres and the share of each centre in it.
 *
 * @param count number of centres M
 * @param centres M x d, row-major
 * @param counts number of keys of each centre, M numbers, at least 1
 * @param spreads mean square distance of the keys of a centre from it, relative to the mean over
 *     all keys, M numbers
 * @param scatter mean of x x' over all keys, where x is a key less its centre, d x d
 */
record KeyCentres(int count, float[] centres, double[] counts, double[] spreads, double[] scatter) {

  private static final int ROUNDS = 10;

  /**
   * Finds centres.
   *
   * @param keys n x d, row-major
   * @param dim length d of a key
   * @param wanted maximum number of centres
   * @param random source of the initial centres
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  static KeyCentres of(float[] keys, int dim, int wanted, Random random) {
    int n = keys.length / dim;
    float[] centres = start(keys, dim, Math.min(wanted, n), random);
    int[] home = new int[n];
    double[] counts = new double[0];
    for (int round = 0; round < ROUNDS; round++) {
      assign(keys, dim, centres, home);
      counts = new double[centres.length / dim];
      centres = means(keys, dim, home, counts);
    }
    return kept(keys, dim, centres, counts, home);
  }

  private static float[] start(float[] keys, int dim, int wanted, Random random) {
    int n = keys.length / dim;
    int[] rows = Draws.distinct(n, wanted, random);
    float[] centres = new float[wanted * dim];
    for (int c = 0; c < wanted; c++) {
      System.arraycopy(keys, rows[c] * dim, centres, c * dim, dim);
    }
    return centres;
  }

  private static void assign(float[] keys, int dim, float[] centres, int[] home) {
    int m = centres.length / dim;
    for (int j = 0; j < home.length; j++) {
      if (j % 64 == 0) {
        InterruptedWorkException.check();
      }
      float best = Float.POSITIVE_INFINITY;
      for (int c = 0; c < m; c++) {
        float distance = 0;
        for (int i = 0, a = j * dim, b = c * dim; i < dim; i++, a++, b++) {
          float difference = keys[a] - centres[b];
          distance += difference * difference;
        }
        if (distance < best) {
          best = distance;
          home[j] = c;
        }
      }
    }
  }

  /**
   * Returns the mean of the keys of each centre, and counts them; a centre without keys becomes
   * zero.
   */
  private static float[] means(float[] keys, int dim, int[] home, double[] counts) {
    double[] sums = new double[counts.length * dim];
    for (int j = 0; j < home.length; j++) {
      counts[home[j]]++;
      for (int i = 0; i < dim; i++) {
        sums[home[j] * dim + i] += keys[j * dim + i];
      }
    }
    float[] centres = new float[sums.length];
    for (int c = 0; c < counts.length; c++) {
      for (int i = 0; i < dim; i++) {
        centres[c * dim + i] = (float) (sums[c * dim + i] / Math.max(1, counts[c]));
      }
    }
    return centres;
  }

  /** Drops centres without keys and computes the scatter of the others. */
  private static KeyCentres kept(
      float[] keys, int dim, float[] centres, double[] counts, int[] home) {
    int[] index = new int[counts.length];
    int count = 0;
    for (int c = 0; c < counts.length; c++) {
      index[c] = counts[c] > 0 ? count++ : -1;
    }
    float[] left = new float[count * dim];
    double[] leftCounts = new double[count];
    for (int c = 0; c < counts.length; c++) {
      if (index[c] >= 0) {
        System.arraycopy(centres, c * dim, left, index[c] * dim, dim);
        leftCounts[index[c]] = counts[c];
      }
    }
    double[] spreads = new double[count];
    double[] scatter = new double[dim * dim];
    double[] x = new double[dim];
    double all = 0;
    for (int j = 0; j < home.length; j++) {
      int c = index[home[j]];
      for (int i = 0; i < dim; i++) {
        x[i] = (double) keys[j * dim + i] - left[c * dim + i];
      }
      for (int i = 0; i < dim; i++) {
        spreads[c] += x[i] * x[i] / leftCounts[c];
        all += x[i] * x[i] / home.length;
        for (int l = 0; l < dim; l++) {
          scatter[i * dim + l] += x[i] * x[l] / home.length;
        }
      }
    }
    double scale = all;
    Arrays.setAll(spreads, c -> scale > 0 ? spreads[c] / scale : 0);
    return new KeyCentres(count, left, leftCounts, spreads, scatter);
  }
}
