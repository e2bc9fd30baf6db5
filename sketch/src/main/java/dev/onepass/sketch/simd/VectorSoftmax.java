package dev.onepass.sketch.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Softmax in float, and attention that never writes more than a few rows of its weights down. */
final class VectorSoftmax {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  private static final int LANES = SPECIES.length();

  private static final int ONE = Float.floatToRawIntBits(1);

  private static final int INFINITE_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /** The place of negative infinity in the order of floats. */
  private static final int LEAST = ~INFINITE_BITS;

  /** Bits of a distance where exp(-r) is 0 and the polynomial before it is still a number. */
  private static final int FAR = Float.floatToRawIntBits(100f);

  /** Queries whose weights are there at one time. */
  private static final int QUERIES = 12;

  /** Tokens whose weights are there at one time: with those queries, a quarter of a first cache. */
  private static final int TOKENS = 256;

  /**
   * What attention writes down on its way, kept for a thread because there are few threads and many
   * folds. It grows with the longest block there was.
   */
  private static final class Scratch {
    final float[] weights = new float[QUERIES * TOKENS];
    final float[] powers = new float[QUERIES * TOKENS];
    final float[] max = new float[QUERIES];
    final float[] sums = new float[QUERIES];
    final float[] lanes = new float[LANES];
    float[] keyColumns = {};
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private VectorSoftmax() {}

  static void attend(
      float[] queries,
      int count,
      int dim,
      float[] keys,
      float[] values,
      int tokens,
      int valueDim,
      float[] outputs,
      float[] logSums) {
    Scratch scratch = SCRATCH.get();
    int stride = (tokens + LANES - 1) / LANES * LANES;
    transpose(keys, tokens, dim, stride, scratch);
    Arrays.fill(outputs, 0, count * valueDim, 0);
    for (int first = 0; first < count; first += QUERIES) {
      int some = Math.min(QUERIES, count - first);
      Arrays.fill(scratch.max, Float.NEGATIVE_INFINITY);
      Arrays.fill(scratch.sums, 0);
      for (int from = 0; from < tokens; from += TOKENS) {
        int n = Math.min(TOKENS, tokens - from);
        int width = Math.min(TOKENS, stride - from);
        Arrays.fill(scratch.weights, 0, some * width, 0);
        VectorProducts.add(
            queries,
            first * dim,
            dim,
            1,
            some,
            dim,
            scratch.keyColumns,
            from,
            stride,
            width,
            scratch.weights,
            0,
            width);
        for (int q = 0; q < some; q++) {
          weigh(q, n, width, scratch, outputs, (first + q) * valueDim, valueDim);
        }
        VectorProducts.add(
            scratch.weights,
            0,
            width,
            1,
            some,
            n,
            values,
            from * valueDim,
            valueDim,
            valueDim,
            outputs,
            first * valueDim,
            valueDim);
      }
      for (int q = 0; q < some; q++) {
        float sum = scratch.sums[q];
        scale(outputs, (first + q) * valueDim, valueDim, tokens == 0 ? 0 : 1 / sum);
        logSums[first + q] = (float) (scratch.max[q] + Math.log(sum));
      }
    }
  }

  /** Keys as columns, padded to whole vectors by zeros. */
  private static void transpose(float[] keys, int tokens, int dim, int stride, Scratch scratch) {
    if (scratch.keyColumns.length < dim * stride) {
      scratch.keyColumns = new float[dim * stride];
    }
    float[] columns = scratch.keyColumns;
    for (int i = 0; i < dim; i++) {
      int to = i * stride;
      for (int j = 0; j < tokens; j++) {
        columns[to + j] = keys[j * dim + i];
      }
      Arrays.fill(columns, to + tokens, to + stride, 0);
    }
  }

  /**
   * Turns a row of logits into weights relative to the largest logit so far; what was summed
   * relative to a smaller one is brought down to it.
   */
  private static void weigh(
      int q, int n, int width, Scratch scratch, float[] outputs, int outputAt, int valueDim) {
    int row = q * width;
    Arrays.fill(scratch.weights, row + n, row + width, Float.NEGATIVE_INFINITY);
    float before = scratch.max[q];
    float max = Math.max(before, finiteMax(scratch.weights, row, n, width));
    if (before < max && before != Float.NEGATIVE_INFINITY) {
      float share = (float) Math.exp((double) before - max);
      scale(outputs, outputAt, valueDim, share);
      scratch.sums[q] *= share;
    }
    scratch.max[q] = max;
    scratch.sums[q] += exponentiate(scratch.weights, row, width, max, scratch.lanes);
  }

  /**
   * The largest logit of a row; if that is not finite, neither are all the logits: then they are
   * made so.
   */
  private static float finiteMax(float[] logits, int from, int n, int width) {
    float max = max(logits, from, width);
    if (!(Math.abs(max) < Float.MAX_VALUE)) {
      ScalarKernels.makeFinite(logits, from, from + n);
      max = max(logits, from, width);
    }
    return max;
  }

  /**
   * The largest of whole vectors; no number if one is none. Compared as integers of the same order,
   * which is several times as fast: the bits of negative floats turned round, all but the sign.
   */
  private static float max(float[] x, int from, int width) {
    IntVector largest = IntVector.broadcast(INTS, LEAST);
    IntVector magnitude = IntVector.zero(INTS);
    for (int i = from; i < from + width; i += LANES) {
      IntVector bits = FloatVector.fromArray(SPECIES, x, i).reinterpretAsInts();
      magnitude = bits.lanewise(VectorOperators.AND, Integer.MAX_VALUE).max(magnitude);
      largest =
          bits.lanewise(VectorOperators.ASHR, 31)
              .lanewise(VectorOperators.LSHR, 1)
              .lanewise(VectorOperators.XOR, bits)
              .max(largest);
    }
    boolean areNumbers =
        IntVector.broadcast(INTS, INFINITE_BITS).compare(VectorOperators.GE, magnitude).allTrue();
    int order = IntVector.broadcast(INTS, LEAST).max(largest).reduceLanes(VectorOperators.MAX);
    return areNumbers ? Float.intBitsToFloat(order ^ (order >> 31 >>> 1)) : Float.NaN;
  }

  /** {@code x = exp(x - max)} for whole vectors; returns the sum. */
  private static float exponentiate(float[] x, int from, int width, float max, float[] lanes) {
    VectorExp.ofDifferences(x, from, width, max, lanes);
    return sum(lanes);
  }

  /** By hand: the order in which a vector is reduced is not laid down. There are at least four. */
  private static float sum(float[] lanes) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    for (int i = 0; i < LANES; i += 4) {
      a += lanes[i];
      b += lanes[i + 1];
      c += lanes[i + 2];
      d += lanes[i + 3];
    }
    return a + b + (c + d);
  }

  private static void scale(float[] x, int from, int count, float factor) {
    int i = from;
    for (; i + LANES <= from + count; i += LANES) {
      FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
    }
    for (; i < from + count; i++) {
      x[i] *= factor;
    }
  }

  static void expOfNegative(float[] x, int count) {
    int whole = count / LANES * LANES;
    VectorExp.ofDifferences(x, 0, whole, 0, SCRATCH.get().lanes);
    ScalarKernels.expOfNegative(x, whole, count);
  }

  static void logMasses(
      float[] deviations,
      int rows,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      float[] out) {
    int columns = logCounts.length;
    int whole = columns / LANES * LANES;
    for (int j = 0; j < rows; j++) {
      int row = j * columns;
      for (int c = 0; c < whole; c += LANES) {
        FloatVector along = FloatVector.fromArray(SPECIES, spreads, c).mul(deviations[j]);
        // Floats that are not negative are in the order of their bits.
        FloatVector within =
            along
                .reinterpretAsInts()
                .min(FloatVector.fromArray(SPECIES, reaches, c).reinterpretAsInts())
                .reinterpretAsFloats();
        within
            .mul(along.sub(within.mul(0.5f)))
            .add(FloatVector.fromArray(SPECIES, logCounts, c))
            .intoArray(out, row + c);
      }
      ScalarKernels.logMasses(deviations[j], logCounts, spreads, reaches, whole, out, row);
    }
  }

  static void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out) {
    float[] lanes = SCRATCH.get().lanes;
    int columns = shares.length;
    int whole = columns / LANES * LANES;
    for (int j = 0; j < rows; j++) {
      int row = j * columns;
      float factor = 1 / deviations[j];
      cutMean(weights, row, whole, shares, ends, factor, lanes);
      float rest = ScalarKernels.cutMean(weights, row, shares, ends, factor, whole);
      out[j] = sum(lanes) + rest;
    }
  }

  private static void cutMean(
      float[] weights,
      int row,
      int whole,
      float[] shares,
      float[] ends,
      float factor,
      float[] lanes) {
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int c = 0; c < whole; c += LANES) {
      FloatVector cut =
          FloatVector.fromArray(SPECIES, ends, c)
              .mul(factors)
              .reinterpretAsInts()
              .lanewise(VectorOperators.MIN, ONE)
              .reinterpretAsFloats();
      sum =
          FloatVector.fromArray(SPECIES, weights, row + c)
              .mul(FloatVector.fromArray(SPECIES, shares, c))
              .fma(cut, sum);
    }
    FloatVector.zero(SPECIES).add(sum).intoArray(lanes, 0);
  }

  static void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    Scratch scratch = SCRATCH.get();
    int whole = columns / LANES * LANES;
    for (int j = 0; j < rows; j++) {
      int from = j * columns;
      float max = max(logits, from, whole);
      for (int i = from + whole; i < from + columns; i++) {
        max = Math.max(max, logits[i]);
      }
      if (!(Math.abs(max) < Float.MAX_VALUE)) {
        max = ScalarKernels.makeFinite(logits, from, from + columns);
      }
      float sum = exponentiate(logits, from, whole, max, scratch.lanes);
      for (int i = from + whole; i < from + columns; i++) {
        logits[i] = (float) Math.exp((double) logits[i] - max);
        sum += logits[i];
      }
      scale(logits, from, columns, 1 / sum);
      logSums[j] = (float) (max + Math.log(sum));
    }
  }

  static void maternVariogram(float[] squareDistances, int count, double length) {
    float factor = (float) (Math.sqrt(5) / length);
    Scratch scratch = SCRATCH.get();
    float[] near = scratch.weights;
    int whole = count / LANES * LANES;
    // In loops of their own: in one, not all of it is inlined.
    for (int from = 0; from < whole; from += near.length) {
      int n = Math.min(near.length, whole - from);
      variogramNear(squareDistances, from, n, factor, near, scratch.powers);
      VectorExp.ofDifferences(scratch.powers, 0, n, 0, scratch.lanes);
      variogramFar(squareDistances, from, n, near, scratch.powers);
    }
    ScalarKernels.maternVariogram(squareDistances, whole, count, length);
  }

  /**
   * Turns square distances into r, and gives the variogram where r is up to 1, where 1 less the
   * kernel would leave the kernel's rounding: the series {@code sum_n (-1)^(n + 1) (n - 1) (n - 3)
   * / (3 n!) r^n}.
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
      // What is below 0 has a sign bit, so it is below 0 as an integer, too.
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

  /** Turns r into the variogram, given exp(-r); up to 1 it is known. */
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
