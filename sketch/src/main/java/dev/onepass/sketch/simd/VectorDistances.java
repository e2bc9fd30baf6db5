// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Square distances between points in panels, for four points and two vectors of points at a time,
 * with the sums in registers. Two vectors are not longer than a panel.
 */
final class VectorDistances {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  private static final int POINTS = 4;

  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  private static final IntVector INDEX = IntVector.zero(INTS).addIndex(1);

  private static final int INFINITE_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private VectorDistances() {}

  static void squareDistances(
      float[] panels, int count, int dim, int first, int points, float[] out) {
    int fours = points / POINTS * POINTS;
    int size = Kernels.PANEL * dim;
    for (int c = 0; c < count; c += 2 * LANES) {
      int other = Kernels.panelAt(c, dim);
      for (int p = 0; p < fours; p += POINTS) {
        fourByTwo(panels, dim, first + p, other, count, out, p * count + c);
      }
    }
    for (int p = fours; p < points; p++) {
      int point = Kernels.panelAt(first + p, dim);
      int c = 0;
      for (; c + 2 * Kernels.PANEL <= count; c += 2 * Kernels.PANEL) {
        int other = Kernels.panelAt(c, dim);
        for (int l = 0; l < Kernels.PANEL; l += 2 * LANES) {
          oneByFour(panels, dim, point, other + l, other + size + l, out, p * count + c + l);
        }
      }
      for (; c < count; c += 2 * LANES) {
        oneByTwo(panels, dim, point, Kernels.panelAt(c, dim), out, p * count + c);
      }
    }
  }

  private static void fourByTwo(
      float[] panels, int dim, int first, int other, int count, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    int a = Kernels.panelAt(first, dim);
    int b = Kernels.panelAt(first + 1, dim);
    int c = Kernels.panelAt(first + 2, dim);
    int d = Kernels.panelAt(first + 3, dim);
    for (int i = 0; i < dim * Kernels.PANEL; i += Kernels.PANEL) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, panels, other + i);
      FloatVector x1 = FloatVector.fromArray(SPECIES, panels, other + i + LANES);
      FloatVector ax = FloatVector.broadcast(SPECIES, panels[a + i]);
      FloatVector ax0 = x0.sub(ax);
      FloatVector ax1 = x1.sub(ax);
      a0 = ax0.fma(ax0, a0);
      a1 = ax1.fma(ax1, a1);
      FloatVector bx = FloatVector.broadcast(SPECIES, panels[b + i]);
      FloatVector bx0 = x0.sub(bx);
      FloatVector bx1 = x1.sub(bx);
      b0 = bx0.fma(bx0, b0);
      b1 = bx1.fma(bx1, b1);
      FloatVector cx = FloatVector.broadcast(SPECIES, panels[c + i]);
      FloatVector cx0 = x0.sub(cx);
      FloatVector cx1 = x1.sub(cx);
      c0 = cx0.fma(cx0, c0);
      c1 = cx1.fma(cx1, c1);
      FloatVector dx = FloatVector.broadcast(SPECIES, panels[d + i]);
      FloatVector dx0 = x0.sub(dx);
      FloatVector dx1 = x1.sub(dx);
      d0 = dx0.fma(dx0, d0);
      d1 = dx1.fma(dx1, d1);
    }
    FloatVector.zero(SPECIES).add(a0).intoArray(out, at);
    FloatVector.zero(SPECIES).add(a1).intoArray(out, at + LANES);
    FloatVector.zero(SPECIES).add(b0).intoArray(out, at + count);
    FloatVector.zero(SPECIES).add(b1).intoArray(out, at + count + LANES);
    FloatVector.zero(SPECIES).add(c0).intoArray(out, at + 2 * count);
    FloatVector.zero(SPECIES).add(c1).intoArray(out, at + 2 * count + LANES);
    FloatVector.zero(SPECIES).add(d0).intoArray(out, at + 3 * count);
    FloatVector.zero(SPECIES).add(d1).intoArray(out, at + 3 * count + LANES);
  }

  /** Computes the distances of one point from the points of two consecutive panels. */
  private static void oneByFour(
      float[] panels, int dim, int point, int other, int next, float[] out, int at) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < dim * Kernels.PANEL; i += Kernels.PANEL) {
      FloatVector x = FloatVector.broadcast(SPECIES, panels[point + i]);
      FloatVector x0 = FloatVector.fromArray(SPECIES, panels, other + i).sub(x);
      s0 = x0.fma(x0, s0);
      FloatVector x1 = FloatVector.fromArray(SPECIES, panels, other + i + LANES).sub(x);
      s1 = x1.fma(x1, s1);
      FloatVector x2 = FloatVector.fromArray(SPECIES, panels, next + i).sub(x);
      s2 = x2.fma(x2, s2);
      FloatVector x3 = FloatVector.fromArray(SPECIES, panels, next + i + LANES).sub(x);
      s3 = x3.fma(x3, s3);
    }
    FloatVector.zero(SPECIES).add(s0).intoArray(out, at);
    FloatVector.zero(SPECIES).add(s1).intoArray(out, at + LANES);
    FloatVector.zero(SPECIES).add(s2).intoArray(out, at + Kernels.PANEL);
    FloatVector.zero(SPECIES).add(s3).intoArray(out, at + Kernels.PANEL + LANES);
  }

  private static void oneByTwo(float[] panels, int dim, int point, int other, float[] out, int at) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    for (int i = 0; i < dim * Kernels.PANEL; i += Kernels.PANEL) {
      FloatVector x = FloatVector.broadcast(SPECIES, panels[point + i]);
      FloatVector x0 = FloatVector.fromArray(SPECIES, panels, other + i).sub(x);
      s0 = x0.fma(x0, s0);
      FloatVector x1 = FloatVector.fromArray(SPECIES, panels, other + i + LANES).sub(x);
      s1 = x1.fma(x1, s1);
    }
    FloatVector.zero(SPECIES).add(s0).intoArray(out, at);
    FloatVector.zero(SPECIES).add(s1).intoArray(out, at + LANES);
  }

  static int indexOfLeast(float[] x, int count) {
    int whole = count / LANES * LANES;
    IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    IntVector index = IntVector.zero(INTS);
    for (int i = 0; i < whole; i += LANES) {
      // Non-negative floats have the order of their bits.
      IntVector bits = FloatVector.fromArray(SPECIES, x, i).reinterpretAsInts();
      index = INDEX.add(i).blend(index, bits.compare(VectorOperators.GE, least));
      least = bits.min(least);
    }
    IntVector none = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    int leastBits = none.min(least).reduceLanes(VectorOperators.MIN);
    int first =
        none.blend(index, IntVector.broadcast(INTS, leastBits).compare(VectorOperators.EQ, least))
            .reduceLanes(VectorOperators.MIN);
    for (int i = whole; i < count; i++) {
      int bits = Float.floatToRawIntBits(x[i]);
      if (bits < leastBits) {
        leastBits = bits;
        first = i;
      }
    }
    return first;
  }

  static int indexOfLeastCost(
      float[] distances,
      int at,
      float[] sizes,
      float[] extras,
      int count,
      float size,
      float extra) {
    int whole = count / LANES * LANES;
    IntVector least = IntVector.broadcast(INTS, INFINITE_BITS);
    IntVector index = IntVector.zero(INTS);
    for (int b = 0; b < whole; b += LANES) {
      FloatVector other = FloatVector.fromArray(SPECIES, sizes, b);
      FloatVector factor = other.mul(size).div(other.add(size));
      factor = factor.add(extra).add(FloatVector.fromArray(SPECIES, extras, b));
      IntVector bits =
          FloatVector.fromArray(SPECIES, distances, at + b).mul(factor).reinterpretAsInts();
      index = INDEX.add(b).blend(index, bits.compare(VectorOperators.GE, least));
      least = bits.min(least);
    }
    IntVector none = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    int leastBits = none.min(least).reduceLanes(VectorOperators.MIN);
    int first =
        none.blend(index, IntVector.broadcast(INTS, leastBits).compare(VectorOperators.EQ, least))
            .reduceLanes(VectorOperators.MIN);
    for (int b = whole; b < count; b++) {
      float factor = size * sizes[b] / (size + sizes[b]) + extra + extras[b];
      int bits = Float.floatToRawIntBits(distances[at + b] * factor);
      if (bits < leastBits) {
        leastBits = bits;
        first = b;
      }
    }
    return first;
  }
}
