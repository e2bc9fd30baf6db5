// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The variogram of the Matern kernel on vectors. */
final class VectorMatern {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Bits of a distance r at which exp(-r) is 0 and the polynomial is still finite. */
  private static final int FAR = Float.floatToRawIntBits(100f);

  /** Number of distances that are replaced at a time, a multiple of the number of lanes. */
  private static final int AT_ONCE = 3072;

  /** Work arrays of a thread. */
  private static final class Scratch {
    final float[] near = new float[AT_ONCE];
    final float[] powers = new float[AT_ONCE];
    final float[] lanes = new float[LANES];
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private VectorMatern() {}

  static void maternVariogram(float[] squareDistances, int count, double length) {
    float factor = (float) (Math.sqrt(5) / length);
    Scratch scratch = SCRATCH.get();
    float[] near = scratch.near;
    int whole = count / LANES * LANES;
    // Separate loops, because a single one would not be inlined completely.
    for (int from = 0; from < whole; from += near.length) {
      int n = Math.min(near.length, whole - from);
      variogramNear(squareDistances, from, n, factor, near, scratch.powers);
      VectorExp.ofDifferences(scratch.powers, 0, n, 0, scratch.lanes);
      variogramFar(squareDistances, from, n, near, scratch.powers);
    }
    ScalarKernels.maternVariogram(squareDistances, whole, count, length);
  }

  /**
   * Replaces square distances by r, and computes the variogram for r up to 1, where subtracting the
   * kernel from 1 would leave only its rounding error. It uses the series {@code sum_n (-1)^(n + 1)
   * (n - 1) (n - 3) / (3 n!) r^n}.
   *
   * @param minus receives -r
   */
  private static void variogramNear(
      float[] x, int from, int n, float factor, float[] near, float[] minus) {
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    FloatVector c10 = FloatVector.broadcast(SPECIES, -1f / 14515200);
    FloatVector c9 = FloatVector.broadcast(SPECIES, 1f / 1496880);
    FloatVector c8 = FloatVector.broadcast(SPECIES, -1f / 172800);
    FloatVector c7 = FloatVector.broadcast(SPECIES, 1f / 22680);
    FloatVector c6 = FloatVector.broadcast(SPECIES, -1f / 3456);
    FloatVector c5 = FloatVector.broadcast(SPECIES, 1f / 630);
    FloatVector c4 = FloatVector.broadcast(SPECIES, -1f / 144);
    FloatVector c3 = FloatVector.broadcast(SPECIES, 1f / 45);
    FloatVector c2 = FloatVector.broadcast(SPECIES, -1f / 24);
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c0 = FloatVector.broadcast(SPECIES, 1f / 6);
    for (int i = 0; i < n; i += LANES) {
      // A number below 0 has a sign bit, so its bits are below 0 as an integer, too.
      FloatVector r =
          FloatVector.fromArray(SPECIES, x, from + i)
              .reinterpretAsInts()
              .lanewise(VectorOperators.MAX, 0)
              .reinterpretAsFloats()
              .sqrt()
              .mul(factors)
              .reinterpretAsInts()
              .lanewise(VectorOperators.MIN, FAR)
              .reinterpretAsFloats();
      r.intoArray(x, from + i);
      zero.sub(r).intoArray(minus, i);
      FloatVector series = c10.fma(r, c9);
      series = series.fma(r, c8);
      series = series.fma(r, c7);
      series = series.fma(r, c6);
      series = series.fma(r, c5);
      series = series.fma(r, c4);
      series = series.fma(r, c3);
      series = series.fma(r, c2);
      series = series.fma(r, zero);
      series = series.fma(r, c0);
      series.mul(r).mul(r).intoArray(near, i);
    }
  }

  /** Replaces r by the variogram, from exp(-r), or from the series for r up to 1. */
  private static void variogramFar(float[] x, int from, int n, float[] near, float[] powers) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    FloatVector third = FloatVector.broadcast(SPECIES, 1 / 3f);
    for (int i = 0; i < n; i += LANES) {
      FloatVector r = FloatVector.fromArray(SPECIES, x, from + i);
      FloatVector polynomial = r.mul(third).add(one).fma(r, one);
      FloatVector power = FloatVector.fromArray(SPECIES, powers, i);
      FloatVector far = power.mul(polynomial);
      one.sub(far)
          .blend(FloatVector.fromArray(SPECIES, near, i), r.compare(VectorOperators.LE, one))
          .intoArray(x, from + i);
    }
  }
}
