// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Attention in double precision over float keys and values. */
final class VectorDoubles {

  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Vectors with as many floats as a vector of doubles has doubles. */
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));

  private VectorDoubles() {}

  static void logits(
      float[] query,
      int queryOffset,
      double scale,
      float[] keys,
      int count,
      int dim,
      double[] out) {
    int whole = dim / LANES * LANES;
    double[] lanes = new double[LANES];
    for (int j = 0; j < count; j++) {
      int k = j * dim;
      DoubleVector sums = DoubleVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        sums = load(query, queryOffset + i).fma(load(keys, k + i), sums);
      }
      // One by one, because the order of a vector reduction is unspecified.
      DoubleVector.zero(SPECIES).add(sums).intoArray(lanes, 0);
      double dot = 0;
      for (double lane : lanes) {
        dot += lane;
      }
      for (int i = whole; i < dim; i++) {
        dot += (double) query[queryOffset + i] * keys[k + i];
      }
      out[j] = scale * dot;
    }
  }

  private static DoubleVector load(float[] x, int at) {
    return (DoubleVector)
        FloatVector.fromArray(FLOATS, x, at).convertShape(VectorOperators.F2D, SPECIES, 0);
  }

  static void solveLower(double[] lower, int n, double[] x) {
    double[] lanes = new double[LANES];
    for (int i = 0, row = 0; i < n; row += ++i) {
      x[i] = (x[i] - dot(lower, row, x, i, lanes)) / lower[row + i];
    }
  }

  /**
   * Returns the scalar product of {@code count} numbers of {@code a}, starting at {@code from}, and
   * the first numbers of {@code b}.
   */
  private static double dot(double[] a, int from, double[] b, int count, double[] lanes) {
    int whole = count / (4 * LANES) * (4 * LANES);
    double dot = 0;
    if (whole > 0) {
      DoubleVector s0 = DoubleVector.zero(SPECIES);
      DoubleVector s1 = s0;
      DoubleVector s2 = s0;
      DoubleVector s3 = s0;
      for (int i = 0, k = from; i < whole; i += 4 * LANES, k += 4 * LANES) {
        DoubleVector a0 = DoubleVector.fromArray(SPECIES, a, k);
        s0 = a0.fma(DoubleVector.fromArray(SPECIES, b, i), s0);
        DoubleVector a1 = DoubleVector.fromArray(SPECIES, a, k + LANES);
        s1 = a1.fma(DoubleVector.fromArray(SPECIES, b, i + LANES), s1);
        DoubleVector a2 = DoubleVector.fromArray(SPECIES, a, k + 2 * LANES);
        s2 = a2.fma(DoubleVector.fromArray(SPECIES, b, i + 2 * LANES), s2);
        DoubleVector a3 = DoubleVector.fromArray(SPECIES, a, k + 3 * LANES);
        s3 = a3.fma(DoubleVector.fromArray(SPECIES, b, i + 3 * LANES), s3);
      }
      DoubleVector.zero(SPECIES)
          .add(s0)
          .add(s1)
          .add(DoubleVector.zero(SPECIES).add(s2).add(s3))
          .intoArray(lanes, 0);
      for (double lane : lanes) {
        dot += lane;
      }
    }
    for (int i = whole; i < count; i++) {
      dot += a[from + i] * b[i];
    }
    return dot;
  }

  static double max(double[] x, int count) {
    int whole = count / LANES * LANES;
    DoubleVector largest = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
    for (int j = 0; j < whole; j += LANES) {
      largest = DoubleVector.fromArray(SPECIES, x, j).max(largest);
    }
    double max =
        DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY)
            .max(largest)
            .reduceLanes(VectorOperators.MAX);
    for (int j = whole; j < count; j++) {
      max = Math.max(max, x[j]);
    }
    return max;
  }

  static void expMinus(double[] x, int count, double shift) {
    int whole = count / LANES * LANES;
    VectorExp.ofDifferences(x, whole, shift);
    for (int j = whole; j < count; j++) {
      x[j] = Math.exp(x[j] - shift);
    }
  }

  static void addWeightedRows(double[] weights, float[] rows, int count, int dim, double[] sum) {
    int c = 0;
    for (; c + 4 * LANES <= dim; c += 4 * LANES) {
      DoubleVector s0 = DoubleVector.fromArray(SPECIES, sum, c);
      DoubleVector s1 = DoubleVector.fromArray(SPECIES, sum, c + LANES);
      DoubleVector s2 = DoubleVector.fromArray(SPECIES, sum, c + 2 * LANES);
      DoubleVector s3 = DoubleVector.fromArray(SPECIES, sum, c + 3 * LANES);
      for (int j = 0, r = c; j < count; j++, r += dim) {
        DoubleVector weight = DoubleVector.broadcast(SPECIES, weights[j]);
        s0 = weight.fma(load(rows, r), s0);
        s1 = weight.fma(load(rows, r + LANES), s1);
        s2 = weight.fma(load(rows, r + 2 * LANES), s2);
        s3 = weight.fma(load(rows, r + 3 * LANES), s3);
      }
      DoubleVector.zero(SPECIES).add(s0).intoArray(sum, c);
      DoubleVector.zero(SPECIES).add(s1).intoArray(sum, c + LANES);
      DoubleVector.zero(SPECIES).add(s2).intoArray(sum, c + 2 * LANES);
      DoubleVector.zero(SPECIES).add(s3).intoArray(sum, c + 3 * LANES);
    }
    for (; c + LANES <= dim; c += LANES) {
      DoubleVector s = DoubleVector.fromArray(SPECIES, sum, c);
      for (int j = 0, r = c; j < count; j++, r += dim) {
        s = DoubleVector.broadcast(SPECIES, weights[j]).fma(load(rows, r), s);
      }
      DoubleVector.zero(SPECIES).add(s).intoArray(sum, c);
    }
    for (; c < dim; c++) {
      double s = sum[c];
      for (int j = 0, r = c; j < count; j++, r += dim) {
        s += weights[j] * rows[r];
      }
      sum[c] = s;
    }
  }

  static void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum) {
    int c = 0;
    for (; c + 2 * LANES <= dim; c += 2 * LANES) {
      DoubleVector centre0 = DoubleVector.fromArray(SPECIES, centre, c);
      DoubleVector centre1 = DoubleVector.fromArray(SPECIES, centre, c + LANES);
      DoubleVector s0 = DoubleVector.fromArray(SPECIES, sum, c);
      DoubleVector s1 = DoubleVector.fromArray(SPECIES, sum, c + LANES);
      for (int j = 0, r = c; j < count; j++, r += dim) {
        DoubleVector x0 = load(rows, r).sub(centre0);
        DoubleVector x1 = load(rows, r + LANES).sub(centre1);
        s0 = x0.mul(weights[j]).fma(x0, s0);
        s1 = x1.mul(weights[j]).fma(x1, s1);
      }
      DoubleVector.zero(SPECIES).add(s0).intoArray(sum, c);
      DoubleVector.zero(SPECIES).add(s1).intoArray(sum, c + LANES);
    }
    for (; c < dim; c++) {
      double s = sum[c];
      for (int j = 0, r = c; j < count; j++, r += dim) {
        double x = rows[r] - centre[c];
        s += weights[j] * x * x;
      }
      sum[c] = s;
    }
  }
}
