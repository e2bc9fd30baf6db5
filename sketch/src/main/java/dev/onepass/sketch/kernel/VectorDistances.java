package dev.onepass.sketch.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
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
    int c = 0;
    for (; c + 2 * LANES <= count; c += 2 * LANES) {
      int p = 0;
      for (; p + POINTS <= points; p += POINTS) {
        fourByTwo(columns, count, dim, first + p, c, out, p * count + c);
      }
      for (; p < points; p++) {
        one(columns, count, dim, first + p, c, out, p * count + c);
        one(columns, count, dim, first + p, c + LANES, out, p * count + c + LANES);
      }
    }
    for (; c + LANES <= count; c += LANES) {
      for (int p = 0; p < points; p++) {
        one(columns, count, dim, first + p, c, out, p * count + c);
      }
    }
    ScalarKernels.squareDistances(columns, count, dim, first, points, c, out);
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

  private static void one(
      float[] columns, int count, int dim, int point, int other, float[] out, int at) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0, p = point, o = other; i < dim; i++, p += count, o += count) {
      FloatVector difference = FloatVector.fromArray(SPECIES, columns, o).sub(columns[p]);
      sum = addSquare(difference, sum);
    }
    sum.intoArray(out, at);
  }

  static int firstBelow(float[] x, int from, int to, float bound) {
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      VectorMask<Float> below =
          FloatVector.fromArray(SPECIES, x, i).compare(VectorOperators.LT, bound);
      if (below.anyTrue()) {
        break;
      }
    }
    return ScalarKernels.findBelow(x, i, to, bound);
  }
}
