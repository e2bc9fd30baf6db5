package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.background.Interrupted;
import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.Random;

/**
 * Weighted centres of keys: k-means (Lloyd), what scatters about the centres in common, and each
 * centre's share in it.
 *
 * @param count centres M
 * @param centres M x d
 * @param counts keys of each, M, at least 1
 * @param spreads mean square distance of a centre's keys from it over that of all keys, M
 * @param scatter mean of x x' over keys, x a key less its centre, d x d
 */
record KeyCentres(int count, float[] centres, double[] counts, double[] spreads, double[] scatter) {

  private static final int ROUNDS = 10;

  /**
   * Finds centres.
   *
   * @param keys n x d
   * @param wanted at most; no more than n
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
        Interrupted.check();
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

  /** Means of the keys of each centre; a centre without keys moves to a key far from its own. */
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

  /** Drops centres without keys and takes the scatter of the rest. */
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
