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

  /** The distances of one point from those from {@code other} on. */
  private static void rest(
      float[] columns, int count, int dim, int point, int other, float[] out, int row) {
    int c = other;
    for (; c + 4 * LANES <= count; c += 4 * LANES) {
      oneByFour(columns, count, dim, point, c, out, row + c);
    }
    for (; c + LANES <= count; c += LANES) {
      oneByOne(columns, count, dim, point, c, out, row + c);
    }
    if (c < count && count >= LANES) {
      // Some of these again: a vector of them takes less than the rest one by one.
      oneByOne(columns, count, dim, point, count - LANES, out, row + count - LANES);
    } else {
      ScalarKernels.squareDistances(columns, count, dim, point, c, out, row);
    }
  }

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
      FloatVector a = FloatVector.broadcast(SPECIES, columns[p]);
      a0 = addSquare(x0.sub(a), a0);
      a1 = addSquare(x1.sub(a), a1);
      FloatVector b = FloatVector.broadcast(SPECIES, columns[p + 1]);
      b0 = addSquare(x0.sub(b), b0);
      b1 = addSquare(x1.sub(b), b1);
      FloatVector c = FloatVector.broadcast(SPECIES, columns[p + 2]);
      c0 = addSquare(x0.sub(c), c0);
      c1 = addSquare(x1.sub(c), c1);
      FloatVector d = FloatVector.broadcast(SPECIES, columns[p + 3]);
      d0 = addSquare(x0.sub(d), d0);
      d1 = addSquare(x1.sub(d), d1);
    }
    store(a0, a1, out, at);
    store(b0, b1, out, at + count);
    store(c0, c1, out, at + 2 * count);
    store(d0, d1, out, at + 3 * count);
  }

  private static FloatVector addSquare(FloatVector difference, FloatVector sum) {
    return difference.fma(difference, sum);
  }

  private static void store(FloatVector first, FloatVector second, float[] out, int at) {
    first.intoArray(out, at);
    second.intoArray(out, at + LANES);
  }

  private static void oneByFour(
      float[] columns, int count, int dim, int point, int other, float[] out, int at) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0, p = point, o = other; i < dim; i++, p += count, o += count) {
      FloatVector x = FloatVector.broadcast(SPECIES, columns[p]);
      s0 = addSquare(FloatVector.fromArray(SPECIES, columns, o).sub(x), s0);
      s1 = addSquare(FloatVector.fromArray(SPECIES, columns, o + LANES).sub(x), s1);
      s2 = addSquare(FloatVector.fromArray(SPECIES, columns, o + 2 * LANES).sub(x), s2);
      s3 = addSquare(FloatVector.fromArray(SPECIES, columns, o + 3 * LANES).sub(x), s3);
    }
    store(s0, s1, out, at);
    store(s2, s3, out, at + 2 * LANES);
  }

  private static void oneByOne(
      float[] columns, int count, int dim, int point, int other, float[] out, int at) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0, p = point, o = other; i < dim; i++, p += count, o += count) {
      sum = addSquare(FloatVector.fromArray(SPECIES, columns, o).sub(columns[p]), sum);
    }
    sum.intoArray(out, at);
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
