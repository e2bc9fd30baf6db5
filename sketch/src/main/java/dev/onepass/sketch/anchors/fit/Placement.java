// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.background.InterruptedWorkException;
import java.util.Arrays;

/**
 * Orders candidate anchors by how much they explain: the next anchor is the candidate that removes
 * most of the remaining variance, summed over a sample of queries (greedy minimization of the
 * integrated variance; Cohn, Neural Networks 9, 1996). Every prefix of the order is a good design,
 * so sequences of all sizes share one order.
 */
final class Placement {

  private final EmbeddedQueries candidates;
  private final EmbeddedQueries sample;
  private final Kernel kernel;

  /**
   * Prepares an order.
   *
   * @param candidates queries to choose from
   * @param sample queries that represent future queries
   * @param kernel covariance of the answers
   */
  Placement(EmbeddedQueries candidates, EmbeddedQueries sample, Kernel kernel) {
    this.candidates = candidates;
    this.sample = sample;
    this.kernel = kernel;
  }

  /**
   * Returns the indexes of the best candidates, best first.
   *
   * @param count maximum number of candidates; the result is shorter if the others explain nothing
   *     more
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  int[] order(int count) {
    int n = candidates.count();
    float[][] left = new float[sample.count()][n];
    for (int s = 0; s < left.length; s++) {
      InterruptedWorkException.check();
      for (int c = 0; c < n; c++) {
        left[s][c] = (float) sample.covariance(kernel, s, candidates, c);
      }
    }
    float[] variance = new float[n];
    for (int c = 0; c < n; c++) {
      variance[c] = (float) (candidates.covariance(kernel, c, candidates, c) + kernel.nugget());
    }
    float[][] rows = new float[count][];
    boolean[] taken = new boolean[n];
    float[] gain = gain(left);
    int[] order = new int[count];
    for (int r = 0; r < count; r++) {
      InterruptedWorkException.check();
      int best = best(gain, variance, taken);
      if (best < 0) {
        return Arrays.copyOf(order, r);
      }
      taken[best] = true;
      order[r] = best;
      float root = (float) Math.sqrt(variance[best]);
      rows[r] = residual(best, rows, r, root);
      for (int c = 0; c < n; c++) {
        variance[c] -= rows[r][c] * rows[r][c];
      }
      takeOut(left, best, rows[r], root, gain);
    }
    return order;
  }

  /** Returns, for each candidate, the sum of its squared covariances with the sample. */
  private static float[] gain(float[][] left) {
    float[] gain = new float[left[0].length];
    for (float[] row : left) {
      for (int c = 0; c < gain.length; c++) {
        gain[c] += row[c] * row[c];
      }
    }
    return gain;
  }

  /** Returns the candidate that removes most variance; -1 if no candidate is left. */
  private int best(float[] gain, float[] variance, boolean[] taken) {
    int best = -1;
    float most = 0;
    for (int c = 0; c < gain.length; c++) {
      // After an anchor is chosen, its copies keep only the nugget and rounding errors.
      if (!taken[c] && variance[c] > kernel.nugget() / 2) {
        float share = gain[c] / variance[c];
        if (share > most) {
          most = share;
          best = c;
        }
      }
    }
    return best;
  }

  /** Returns the row of the Cholesky factor that belongs to a candidate. */
  private float[] residual(int candidate, float[][] rows, int count, float root) {
    int n = candidates.count();
    float[] row = new float[n];
    for (int c = 0; c < n; c++) {
      row[c] = (float) candidates.covariance(kernel, candidate, candidates, c);
    }
    for (int r = 0; r < count; r++) {
      float factor = rows[r][candidate];
      float[] other = rows[r];
      for (int c = 0; c < n; c++) {
        row[c] -= factor * other[c];
      }
    }
    for (int c = 0; c < n; c++) {
      row[c] /= root;
    }
    return row;
  }

  /**
   * Removes from the covariances what the candidate explains, and recomputes the sums of squares.
   */
  private static void takeOut(
      float[][] left, int candidate, float[] row, float root, float[] gain) {
    Arrays.fill(gain, 0);
    for (float[] covariances : left) {
      float factor = covariances[candidate] / root;
      for (int c = 0; c < row.length; c++) {
        float value = covariances[c] - factor * row[c];
        covariances[c] = value;
        gain[c] += value * value;
      }
    }
  }
}
