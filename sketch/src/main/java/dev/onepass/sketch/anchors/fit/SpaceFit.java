// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.simd.Floats;
import java.util.Arrays;

/**
 * Fits a {@link QuerySpace} to past queries and keys. A query is first described by 2d coordinates:
 * the query in the Fisher metric, and the whitened mean key that it attends to, each scaled to a
 * given variance. The fit keeps the principal directions of the differences between neighbouring
 * queries, because interpolation relies on neighbours: directions in which queries differ across
 * the head but not among neighbours are not needed.
 */
final class SpaceFit {

  /**
   * Lower bound of the variance of a direction of the keys, relative to the largest one, so that
   * whitening does not amplify noise.
   */
  private static final double FLOOR = 1e-6;

  /** Number of queries whose neighbours are searched. */
  private static final int AMONG_NEIGHBOURS = 512;

  /** Number of neighbours of a query. */
  private static final int NEIGHBOURS = 10;

  private final int dim;
  private final KeyCentres centres;
  private final float[] queries;
  private final double[] attended;
  private final double[] weights;
  private final double overlapScale;

  /**
   * Computes the attention of past queries to the centres.
   *
   * @param dim length d of queries and keys
   * @param queries sample of past queries, n x d, row-major
   * @param centres centres of past keys
   */
  SpaceFit(int dim, float[] queries, KeyCentres centres) {
    this.dim = dim;
    this.queries = queries;
    this.centres = centres;
    // With these axes, the coordinates of a query are the mean key that it attends to.
    QuerySpace raw = space(dim, new float[dim * dim], centres.centres(), 1);
    int n = queries.length / dim;
    EmbeddedQueries embedded = EmbeddedQueries.of(raw, queries, n, 1);
    attended = new double[n * dim];
    Arrays.setAll(attended, i -> embedded.x()[i]);
    double self = 0;
    for (int q = 0; q < n; q++) {
      self += embedded.overlap(q, embedded, q) / n;
    }
    overlapScale = self > 0 ? 1 / Math.sqrt(self) : 1;
    weights = meanAttention(embedded, n);
  }

  private QuerySpace space(int coordinates, float[] queryAxes, float[] keyAxes, double scale) {
    float[] logCounts = new float[centres.count()];
    float[] spreads = new float[centres.count()];
    for (int c = 0; c < logCounts.length; c++) {
      logCounts[c] = (float) Math.log(centres.counts()[c]);
      spreads[c] = (float) centres.spreads()[c];
    }
    return new QuerySpace(
        dim,
        coordinates,
        centres.centres(),
        logCounts,
        spreads,
        Floats.of(root(centres.scatter(), dim, 0.5)),
        queryAxes,
        keyAxes,
        scale);
  }

  private double[] meanAttention(EmbeddedQueries embedded, int n) {
    int m = centres.count();
    double[] mean = new double[m];
    for (int q = 0; q < n; q++) {
      for (int c = 0; c < m; c++) {
        mean[c] += (double) embedded.attention()[q * m + c] / n;
      }
    }
    return mean;
  }

  /**
   * Fits a space.
   *
   * @param attendedWeight variance of the attended mean key, relative to the variance of the query
   * @param coordinates number of coordinates to keep, at most 2d
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   * @throws IllegalArgumentException if an eigenvalue decomposition fails
   */
  QuerySpace fit(double attendedWeight, int coordinates) {
    double[] fisher = root(fisher(), dim, 0.5);
    double[] whitening = root(keyCovariance(), dim, -0.5);
    int n = queries.length / dim;
    int all = 2 * dim;
    double[] x = new double[n * all];
    for (int q = 0; q < n; q++) {
      InterruptedWorkException.check();
      for (int e = 0; e < dim; e++) {
        double a = 0;
        double b = 0;
        for (int i = 0; i < dim; i++) {
          a += queries[q * dim + i] * fisher[i * dim + e];
          b += attended[q * dim + i] * whitening[i * dim + e];
        }
        x[q * all + e] = a;
        x[q * all + dim + e] = b;
      }
    }
    double[] mean = mean(x, all);
    double queryScale = 1 / Math.sqrt(Math.max(variance(x, mean, 0), Double.MIN_NORMAL));
    double keyScale =
        Math.sqrt(attendedWeight / Math.max(variance(x, mean, dim), Double.MIN_NORMAL));
    double[] scales = new double[all];
    Arrays.fill(scales, 0, dim, queryScale);
    Arrays.fill(scales, dim, all, keyScale);
    for (int i = 0; i < x.length; i++) {
      x[i] = (x[i] - mean[i % all]) * scales[i % all];
    }
    SymmetricEigen directions = SymmetricEigen.of(amongNeighbours(x, all), all);
    float[] queryAxes = new float[dim * coordinates];
    float[] keyAxes = new float[centres.count() * coordinates];
    for (int e = 0; e < coordinates; e++) {
      double[] direction = directions.vector(e);
      double shift = 0;
      for (int a = 0; a < all; a++) {
        shift += mean[a] * scales[a] * direction[a];
      }
      for (int i = 0; i < dim; i++) {
        queryAxes[i * coordinates + e] = (float) (queryScale * along(fisher, i, direction, 0));
      }
      // Attention sums to 1, so subtracting the shift from every centre subtracts it from the
      // query.
      double[] ofKey = new double[dim];
      for (int i = 0; i < dim; i++) {
        ofKey[i] = keyScale * along(whitening, i, direction, dim);
      }
      for (int c = 0; c < centres.count(); c++) {
        double sum = -shift;
        for (int i = 0; i < dim; i++) {
          sum += centres.centres()[c * dim + i] * ofKey[i];
        }
        keyAxes[c * coordinates + e] = (float) sum;
      }
    }
    return space(coordinates, queryAxes, keyAxes, overlapScale);
  }

  /** Returns the product of row i of a d x d matrix with d entries of a direction. */
  private double along(double[] matrix, int i, double[] direction, int from) {
    double sum = 0;
    for (int e = 0; e < dim; e++) {
      sum += matrix[i * dim + e] * direction[from + e];
    }
    return sum;
  }

  /** Returns the sum of y y' over differences y between queries and their nearest neighbours. */
  private static double[] amongNeighbours(double[] x, int columns) {
    int n = x.length / columns;
    double[] sum = new double[columns * columns];
    double[] distances = new double[n];
    double[] y = new double[columns];
    for (int q = 0; q < Math.min(n, AMONG_NEIGHBOURS); q++) {
      InterruptedWorkException.check();
      for (int r = 0; r < n; r++) {
        double square = 0;
        for (int e = 0; e < columns; e++) {
          double difference = x[q * columns + e] - x[r * columns + e];
          square += difference * difference;
        }
        distances[r] = square;
      }
      double[] sorted = distances.clone();
      Arrays.sort(sorted);
      double farthest = sorted[Math.min(n - 1, NEIGHBOURS)];
      for (int r = 0; r < n; r++) {
        if (distances[r] <= farthest) {
          for (int e = 0; e < columns; e++) {
            y[e] = x[q * columns + e] - x[r * columns + e];
          }
          addSquare(y, sum);
        }
      }
    }
    return sum;
  }

  private static void addSquare(double[] y, double[] sum) {
    for (int i = 0; i < y.length; i++) {
      for (int l = 0; l < y.length; l++) {
        sum[i * y.length + l] += y[i] * y[l];
      }
    }
  }

  /**
   * Returns the covariance of keys under the attention of a query, averaged over queries, d x d.
   */
  private double[] fisher() {
    int n = attended.length / dim;
    double[] sum = new double[dim * dim];
    double spread = 0;
    for (int c = 0; c < centres.count(); c++) {
      spread += weights[c] * centres.spreads()[c];
      for (int i = 0; i < dim; i++) {
        double factor = weights[c] * centres.centres()[c * dim + i];
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] += factor * centres.centres()[c * dim + l];
        }
      }
    }
    for (int q = 0; q < n; q++) {
      for (int i = 0; i < dim; i++) {
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] -= attended[q * dim + i] * attended[q * dim + l] / n;
        }
      }
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] += spread * centres.scatter()[i];
    }
    return sum;
  }

  private double[] keyCovariance() {
    double total = Arrays.stream(centres.counts()).sum();
    double[] mean = new double[dim];
    for (int c = 0; c < centres.count(); c++) {
      for (int i = 0; i < dim; i++) {
        mean[i] += centres.counts()[c] / total * centres.centres()[c * dim + i];
      }
    }
    double[] sum = centres.scatter().clone();
    for (int c = 0; c < centres.count(); c++) {
      double share = centres.counts()[c] / total;
      for (int i = 0; i < dim; i++) {
        double x = centres.centres()[c * dim + i] - mean[i];
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] += share * x * (centres.centres()[c * dim + l] - mean[l]);
        }
      }
    }
    return sum;
  }

  private static double[] mean(double[] x, int columns) {
    double[] mean = new double[columns];
    int rows = x.length / columns;
    for (int i = 0; i < x.length; i++) {
      mean[i % columns] += x[i] / rows;
    }
    return mean;
  }

  /** Returns the sum of the variances of d columns. */
  private double variance(double[] x, double[] mean, int from) {
    int n = x.length / mean.length;
    double sum = 0;
    for (int q = 0; q < n; q++) {
      for (int c = from; c < from + dim; c++) {
        double difference = x[q * mean.length + c] - mean[c];
        sum += difference * difference / n;
      }
    }
    return sum;
  }

  /**
   * Returns U diag(w^power), where U diag(w) U' is the matrix. Small w are raised to a floor if the
   * power is negative; directions with w = 0 become zero.
   */
  private static double[] root(double[] matrix, int dim, double power) {
    SymmetricEigen eigen = SymmetricEigen.of(matrix, dim);
    double[] root = new double[dim * dim];
    double floor = FLOOR * eigen.value(0);
    for (int e = 0; e < dim; e++) {
      double value = Math.max(eigen.value(e), power < 0 ? floor : 0);
      double factor = value > 0 ? Math.pow(value, power) : 0;
      for (int i = 0; i < dim; i++) {
        root[i * dim + e] = eigen.vector(e)[i] * factor;
      }
    }
    return root;
  }
}
