// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.Random;

/**
 * Weighted points of which a few are chosen to stand for all, in the space of the kernel exp(tau
 * x.y): randomly pivoted Cholesky (Chen et al., Randomly Pivoted Cholesky, arXiv 2207.06503) of the
 * matrix w_i w_j exp(tau x_i.x_j), and the weights of Nystrom's method. With K = L L' the kernel of
 * the chosen points, and c_j that of point j with them, L^-1 c_j are the coordinates of j, and
 * L'^-1 L^-1 c_j is what the chosen points receive of it.
 */
final class PivotedCholesky {

  /** The kernel stays finite: the largest product counts as this. */
  private static final double MOST = 40;

  /** Residuals below this share of all are rounding. */
  private static final double ROUNDING = 1e-10;

  private final int count;
  private final float[] points;
  private final int dim;
  private final double tau;

  /** Coordinates of all points, one row for each chosen point. */
  private final double[][] coordinates;

  /** What is left of the diagonal of the kernel. */
  private final double[] left;

  private final int[] chosen;
  private int rank;

  private PivotedCholesky(float[] points, int dim, double tau, int most) {
    this.count = points.length / dim;
    this.points = points;
    this.dim = dim;
    this.tau = tau;
    this.coordinates = new double[most][];
    this.left = new double[count];
    this.chosen = new int[most];
    for (int i = 0; i < count; i++) {
      double square = 0;
      for (int l = i * dim; l < (i + 1) * dim; l++) {
        square += (double) points[l] * points[l];
      }
      left[i] = Math.exp(Math.min(MOST, tau * square));
    }
  }

  /**
   * Chooses points.
   *
   * @param points count x dim
   * @param weights weight of each point
   * @param tau temperature of the kernel
   * @param most how many points to choose; fewer if they give all others without an error
   */
  static PivotedCholesky of(
      float[] points, int dim, double[] weights, double tau, int most, Random random) {
    PivotedCholesky result = new PivotedCholesky(points, dim, tau, most);
    double[] original = result.left.clone();
    double[] masses = new double[result.count];
    while (result.rank < most) {
      double all = 0;
      for (int i = 0; i < masses.length; i++) {
        boolean isLeft = result.left[i] > ROUNDING * original[i];
        all += isLeft ? weights[i] * weights[i] * result.left[i] : 0;
        masses[i] = all;
      }
      if (!(all > 0)) {
        break;
      }
      result.choose(drawn(masses, random.nextDouble() * all));
    }
    return result;
  }

  /** Returns the first index whose cumulated mass is above a number. */
  private static int drawn(double[] masses, double number) {
    int index = 0;
    while (index < masses.length - 1 && masses[index] <= number) {
      index++;
    }
    return index;
  }

  private void choose(int pivot) {
    double[] row = new double[count];
    Kernels.logits(points, pivot * dim, tau, points, count, dim, row);
    for (int i = 0; i < count; i++) {
      row[i] = Math.min(MOST, row[i]);
    }
    Kernels.expMinus(row, count, 0);
    for (int t = 0; t < rank; t++) {
      double[] earlier = coordinates[t];
      double factor = earlier[pivot];
      for (int i = 0; i < count; i++) {
        row[i] -= factor * earlier[i];
      }
    }
    double root = Math.sqrt(left[pivot]);
    for (int i = 0; i < count; i++) {
      row[i] /= root;
      left[i] = Math.max(0, left[i] - row[i] * row[i]);
    }
    left[pivot] = 0;
    coordinates[rank] = row;
    chosen[rank++] = pivot;
  }

  /** Returns the numbers of the chosen points, in the order in which they were chosen. */
  int[] chosen() {
    return Arrays.copyOf(chosen, rank);
  }

  /**
   * Returns the rows that the chosen points receive: their own, plus the shares of all others.
   *
   * @param rows count x columns
   */
  double[][] received(double[][] rows) {
    double[][] received = new double[rank][rows[0].length];
    boolean[] kept = new boolean[count];
    for (int t = 0; t < rank; t++) {
      kept[chosen[t]] = true;
    }
    for (int j = 0; j < count; j++) {
      for (int t = 0; t < (kept[j] ? 0 : rank); t++) {
        add(coordinates[t][j], rows[j], received[t]);
      }
    }
    // Solves L' x = received, from the last row.
    for (int t = rank - 1; t >= 0; t--) {
      double pivot = coordinates[t][chosen[t]];
      for (int c = 0; c < received[t].length; c++) {
        received[t][c] /= pivot;
      }
      for (int earlier = 0; earlier < t; earlier++) {
        add(-coordinates[earlier][chosen[t]], received[t], received[earlier]);
      }
    }
    for (int t = 0; t < rank; t++) {
      add(1, rows[chosen[t]], received[t]);
    }
    return received;
  }

  private static void add(double factor, double[] row, double[] sum) {
    for (int c = 0; c < sum.length; c++) {
      sum[c] += factor * row[c];
    }
  }
}
