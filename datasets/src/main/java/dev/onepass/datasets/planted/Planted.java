// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.planted;

import dev.onepass.datasets.heads.Head;
import java.util.Locale;
import java.util.Random;

/** Generated streams whose properties are known by construction. */
public final class Planted {
  private static final double BOUND_JITTER = 0.1;

  /** Functions of the key that values of sparse keys are mixtures of. */
  private static final int CAUSES = 8;

  private Planted() {}

  /** How values relate to keys. */
  public enum Values {
    /** A smooth function of the key plus a little noise, so attention has something to find. */
    SIGNAL,
    /** Drawn independently of the keys, so attention averages them away. */
    NOISE
  }

  /**
   * Generates Gaussian keys and queries, and values of root mean square norm 1.
   *
   * @param deviation standard deviation of the logits
   */
  public static Head gaussian(
      int rows, int keyDim, int valueDim, double deviation, Values values, long seed) {
    Random random = new Random(seed);
    float[] directions = new float[valueDim * keyDim];
    fill(directions, random, 1);
    normalize(directions, keyDim);
    float[] q = new float[rows * keyDim];
    float[] k = new float[rows * keyDim];
    // The variance of q.k is d times that of an entry of q times that of an entry of k.
    double entry = Math.sqrt(deviation) / Math.pow(keyDim, 0.25);
    fill(q, random, entry);
    fill(k, random, entry);
    float[] v = new float[rows * valueDim];
    double norm = 1 / Math.sqrt(valueDim);
    for (int j = 0; j < rows; j++) {
      for (int c = 0; c < valueDim; c++) {
        double noise = random.nextGaussian();
        double x =
            values == Values.NOISE
                ? noise
                : 1.45 * Math.sin(dot(k, j, directions, c, keyDim) / entry) + 0.3 * noise;
        v[j * valueDim + c] = (float) (norm * x);
      }
    }
    return new Head(
        "planted " + values.name().toLowerCase(Locale.ROOT), rows, keyDim, valueDim, q, k, v, 1);
  }

  /**
   * Generates keys with few coordinates other than 0, dense Gaussian queries, and values of root
   * mean square norm 1: random mixtures of {@value #CAUSES} smooth functions of the key, plus a
   * little noise.
   *
   * @param nonzeros coordinates of a key that are not 0
   * @param deviation standard deviation of the logits
   */
  public static Head sparseKeys(
      int rows, int keyDim, int nonzeros, int valueDim, double deviation, long seed) {
    Random random = new Random(seed);
    float[] directions = new float[CAUSES * keyDim];
    fill(directions, random, 1);
    float[] mixtures = new float[valueDim * CAUSES];
    fill(mixtures, random, Math.sqrt(2.0 / CAUSES));
    double entry = Math.sqrt(deviation) / Math.pow(nonzeros, 0.25);
    float[] q = new float[rows * keyDim];
    fill(q, random, entry);
    float[] k = new float[rows * keyDim];
    float[] v = new float[rows * valueDim];
    float[] causes = new float[CAUSES];
    for (int j = 0; j < rows; j++) {
      int row = j * keyDim;
      random
          .ints(0, keyDim)
          .distinct()
          .limit(nonzeros)
          .forEach(i -> k[row + i] = (float) (entry * random.nextGaussian()));
      for (int i = 0; i < CAUSES; i++) {
        double along = dot(k, j, directions, i, keyDim) / (entry * Math.sqrt(nonzeros));
        causes[i] = (float) Math.sin(along);
      }
      for (int c = 0; c < valueDim; c++) {
        double x = dot(mixtures, c, causes, 0, CAUSES) + 0.3 * random.nextGaussian();
        v[j * valueDim + c] = (float) (x / Math.sqrt(valueDim));
      }
    }
    return new Head("planted sparse keys", rows, keyDim, valueDim, q, k, v, 1);
  }

  /**
   * Generates a stream whose columns of Y are sparse up to a small tail. Keys are the corners of a
   * cube, each equally often, and column c of V is the sign of coordinate c. Most queries are
   * nearly 0, so their attention is uniform and averages the values away; for each column {@code
   * sparsity} queries point along its axis and find values of one sign.
   *
   * @param rows a multiple of 2^dim
   * @param dim length of keys and values
   * @param bound largest |logit|
   * @param tail norm of a column without its planted entries, relative to the whole column
   */
  public static Head sparse(int rows, int dim, int sparsity, double bound, double tail, long seed) {
    int corners = 1 << dim;
    if (rows % corners != 0) {
      throw new IllegalArgumentException("rows must be a multiple of " + corners + ", not " + rows);
    }
    Random random = new Random(seed);
    float[] k = new float[rows * dim];
    float[] v = new float[rows * dim];
    double largest = 1 + BOUND_JITTER;
    for (int group = 0; group < rows / corners; group++) {
      for (int c = 0; c < dim; c++) {
        double size = 1 + BOUND_JITTER * (2 * random.nextDouble() - 1);
        for (int corner = 0; corner < corners; corner++) {
          int sign = (corner >> c & 1) == 0 ? 1 : -1;
          k[(group * corners + corner) * dim + c] = (float) (sign * size);
          v[(group * corners + corner) * dim + c] = sign;
        }
      }
    }
    float[] q = new float[rows * dim];
    // Near 0 the answer to q is q itself, because the covariance of keys and values is about 1.
    fill(q, random, tail * Math.sqrt((double) sparsity / rows));
    int[] order = random.ints(0, rows).distinct().limit((long) sparsity * dim).toArray();
    for (int i = 0; i < order.length; i++) {
      double size = bound / largest * (0.7 + 0.3 * random.nextDouble());
      for (int c = 0; c < dim; c++) {
        q[order[i] * dim + c] = c == i % dim ? (float) (random.nextBoolean() ? size : -size) : 0;
      }
    }
    return new Head("planted sparse", rows, dim, dim, q, k, v, 1);
  }

  private static void normalize(float[] rows, int dim) {
    for (int r = 0; r < rows.length / dim; r++) {
      double norm = Math.sqrt(dot(rows, r, rows, r, dim));
      for (int i = 0; i < dim; i++) {
        rows[r * dim + i] /= (float) norm;
      }
    }
  }

  private static void fill(float[] into, Random random, double deviation) {
    for (int i = 0; i < into.length; i++) {
      into[i] = (float) (deviation * random.nextGaussian());
    }
  }

  private static double dot(float[] a, int rowA, float[] b, int rowB, int dim) {
    double sum = 0;
    for (int i = 0; i < dim; i++) {
      sum += (double) a[rowA * dim + i] * b[rowB * dim + i];
    }
    return sum;
  }
}
