// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/** Points among which the nearest one to a vector is found, by Euclidean distance. */
final class Centres {

  /** Vectors whose distances are computed together. */
  private static final int CHUNK = 64;

  private final int dim;
  private final int count;

  /** Coordinates, one row for each point. */
  private final float[] rows;

  /** Minus the coordinates, dim x count, so that products with vectors are sums of rows. */
  private final float[] columns;

  private final float[] halfSquares;

  /** Creates points that are infinitely far away. */
  Centres(int dim, int count) {
    this.dim = dim;
    this.count = count;
    this.rows = new float[count * dim];
    this.columns = new float[dim * count];
    this.halfSquares = new float[count];
    Arrays.fill(halfSquares, Float.POSITIVE_INFINITY);
  }

  /** Creates points from rows of {@code dim} numbers. */
  static Centres of(float[] rows, int dim) {
    Centres made = new Centres(dim, rows.length / dim);
    for (int c = 0; c < made.count; c++) {
      made.set(c, rows, c * dim);
    }
    return made;
  }

  int dim() {
    return dim;
  }

  int count() {
    return count;
  }

  /** Moves a point to the vector that begins at an index of an array. */
  void set(int point, float[] vectors, int at) {
    double square = 0;
    for (int i = 0; i < dim; i++) {
      float x = vectors[at + i];
      rows[point * dim + i] = x;
      columns[i * count + point] = -x;
      square += (double) x * x;
    }
    halfSquares[point] = (float) (square / 2);
  }

  /** Moves a point infinitely far away. */
  void remove(int point) {
    halfSquares[point] = Float.POSITIVE_INFINITY;
  }

  /** Returns a copy of the coordinates of all points, one row for each. */
  float[] points() {
    return rows.clone();
  }

  /** Returns the bytes of the coordinates, 4 for each. */
  long bytes() {
    return (long) Float.BYTES * rows.length;
  }

  /** Adds a factor times a point to the vector that begins at an index of an array. */
  void addTo(float[] vectors, int at, int point, float factor) {
    for (int i = 0; i < dim; i++) {
      vectors[at + i] += factor * rows[point * dim + i];
    }
  }

  /** Returns the nearest point to a vector. */
  int nearest(float[] vector) {
    return nearestToAll(vector)[0];
  }

  /** Returns the nearest point to each of some vectors, which are rows of an array. */
  int[] nearestToAll(float[] vectors) {
    int[] nearest = new int[vectors.length / dim];
    for (int from = 0; from < nearest.length; from += CHUNK) {
      int some = Math.min(CHUNK, nearest.length - from);
      float[] costs = costs(Arrays.copyOfRange(vectors, from * dim, (from + some) * dim));
      for (int j = 0; j < some; j++) {
        nearest[from + j] = indexOfLeast(costs, j * count);
      }
    }
    return nearest;
  }

  /**
   * Returns half of the square distances of vectors from all points, less half of the square length
   * of the vector: vectors x points.
   */
  float[] costs(float[] vectors) {
    int n = vectors.length / dim;
    float[] costs = new float[n * count];
    for (int j = 0; j < n; j++) {
      System.arraycopy(halfSquares, 0, costs, j * count, count);
    }
    Kernels.addProduct(vectors, n, dim, columns, count, costs);
    return costs;
  }

  private int indexOfLeast(float[] costs, int at) {
    int best = 0;
    float least = costs[at];
    for (int c = 1; c < count; c++) {
      if (costs[at + c] < least) {
        least = costs[at + c];
        best = c;
      }
    }
    return best;
  }
}
