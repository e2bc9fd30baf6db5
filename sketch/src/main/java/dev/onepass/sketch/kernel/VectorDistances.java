package dev.onepass.sketch.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Square distances between points that stand in columns: four points by two vectors at a time, the
 * differences and their squares in registers.
 */
final class VectorDistances {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  private static final int POINTS = 4;

  private VectorDistances() {}

  static void squareDistances(
      float[] columns, int count, int dim, int first, int points, float[] out) {
    int fours = points / POINTS * POINTS;
    int c = 0;
    for (; c + 2 * LANES <= count; c += 2 * LANES) {
      for (int p = 0; p < fours; p += POINTS) {
        fourByTwo(columns, count, dim, first + p, c, out, p * count + c);
      }
    }
    for (int p = 0; p < fours; p++) {
      rest(columns, count, dim, first + p, c, out, p * count);
    }
    for (int p = fours; p < points; p++) {
      rest(columns, count, dim, first + p, 0, out, p * count);
    }
  }

  // Written out, and no vector goes to a method of this class or comes from one: so long, each of
  // the two is compiled on its own, and none of its vectors becomes an object where the compiler
  // tires of a caller's length.

  private static void fourByTwo(
      float[] columns, int count, int dim, int point, int other, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    for (int i = 0, p = point, o = other; i < dim; i++, p += count, o += count) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, columns, o);
      FloatVector x1 = FloatVector.fromArray(SPECIES, columns, o + LANES);
      FloatVector ax0 = x0.sub(columns[p]);
      FloatVector ax1 = x1.sub(columns[p]);
      a0 = ax0.fma(ax0, a0);
      a1 = ax1.fma(ax1, a1);
      FloatVector bx0 = x0.sub(columns[p + 1]);
      FloatVector bx1 = x1.sub(columns[p + 1]);
      b0 = bx0.fma(bx0, b0);
      b1 = bx1.fma(bx1, b1);
      FloatVector cx0 = x0.sub(columns[p + 2]);
      FloatVector cx1 = x1.sub(columns[p + 2]);
      c0 = cx0.fma(cx0, c0);
      c1 = cx1.fma(cx1, c1);
      FloatVector dx0 = x0.sub(columns[p + 3]);
      FloatVector dx1 = x1.sub(columns[p + 3]);
      d0 = dx0.fma(dx0, d0);
      d1 = dx1.fma(dx1, d1);
    }
    a0.intoArray(out, at);
    a1.intoArray(out, at + LANES);
    b0.intoArray(out, at + count);
    b1.intoArray(out, at + count + LANES);
    c0.intoArray(out, at + 2 * count);
    c1.intoArray(out, at + 2 * count + LANES);
    d0.intoArray(out, at + 3 * count);
    d1.intoArray(out, at + 3 * count + LANES);
  }

  /** The distances of one point from those from {@code other} on. */
  private static void rest(
      float[] columns, int count, int dim, int point, int other, float[] out, int row) {
    int c = other;
    for (; c + 4 * LANES <= count; c += 4 * LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0, p = point, o = c; i < dim; i++, p += count, o += count) {
        FloatVector x = FloatVector.broadcast(SPECIES, columns[p]);
        FloatVector x0 = FloatVector.fromArray(SPECIES, columns, o).sub(x);
        s0 = x0.fma(x0, s0);
        FloatVector x1 = FloatVector.fromArray(SPECIES, columns, o + LANES).sub(x);
        s1 = x1.fma(x1, s1);
        FloatVector x2 = FloatVector.fromArray(SPECIES, columns, o + 2 * LANES).sub(x);
        s2 = x2.fma(x2, s2);
        FloatVector x3 = FloatVector.fromArray(SPECIES, columns, o + 3 * LANES).sub(x);
        s3 = x3.fma(x3, s3);
      }
      s0.intoArray(out, row + c);
      s1.intoArray(out, row + c + LANES);
      s2.intoArray(out, row + c + 2 * LANES);
      s3.intoArray(out, row + c + 3 * LANES);
    }
    // The last vector may take some again: that takes less than the rest one by one.
    for (; c < count && count >= LANES; c += LANES) {
      int at = Math.min(c, count - LANES);
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = 0, p = point, o = at; i < dim; i++, p += count, o += count) {
        FloatVector x = FloatVector.fromArray(SPECIES, columns, o).sub(columns[p]);
        sum = x.fma(x, sum);
      }
      sum.intoArray(out, row + at);
    }
    if (c < count) {
      ScalarKernels.squareDistances(columns, count, dim, point, c, out, row);
    }
  }

  static int indexOfLeast(float[] x, int count) {
    int least = Integer.MAX_VALUE;
    int from = 0;
    int whole = count / (4 * LANES) * (4 * LANES);
    for (int i = 0; i < whole; i += 4 * LANES) {
      IntVector some = bits(x, i).min(bits(x, i + LANES));
      some = some.min(bits(x, i + 2 * LANES)).min(bits(x, i + 3 * LANES));
      int leastOfSome = some.reduceLanes(VectorOperators.MIN);
      if (leastOfSome < least) {
        least = leastOfSome;
        from = i;
      }
    }
    if (whole == 0) {
      return ScalarKernels.indexOfLeast(x, 0, count);
    }
    int index = ScalarKernels.indexOfLeast(x, from, from + 4 * LANES);
    if (whole < count) {
      int behind = ScalarKernels.indexOfLeast(x, whole, count);
      index = x[behind] < x[index] ? behind : index;
    }
    return index;
  }

  /** Floats that are not negative are in the order of their bits. */
  private static IntVector bits(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts();
  }
}
