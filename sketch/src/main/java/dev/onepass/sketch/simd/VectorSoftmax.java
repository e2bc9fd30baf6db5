// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Softmax in float, and fused attention that stores only a few rows of its weights at a time
 * (online softmax; Milakov and Gimelshein, arXiv 1805.02867).
 */
final class VectorSoftmax {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  private static final int LANES = SPECIES.length();

  private static final int ONE = Float.floatToRawIntBits(1);

  private static final int INFINITE_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /** Position of negative infinity in the order of floats. */
  private static final int LEAST = ~INFINITE_BITS;

  /** Number of queries whose weights are held at a time. */
  private static final int QUERIES = 12;

  /**
   * Number of tokens whose weights are held at a time: with these queries, a quarter of an L1
   * cache.
   */
  private static final int TOKENS = 256;

  /**
   * Work arrays of a thread, kept because there are few threads and many folds. They grow with the
   * longest block.
   */
  private static final class Scratch {
    final float[] weights = new float[QUERIES * TOKENS];
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
      float[] biases,
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
        setBiases(biases, from, n, some, width, scratch.weights);
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

  /** Sets what the products of some queries and n tokens are added to: rows of biases or of 0. */
  private static void setBiases(
      float[] biases, int from, int n, int some, int width, float[] logits) {
    Arrays.fill(logits, 0, some * width, 0);
    for (int q = 0; q < some && biases.length > 0; q++) {
      System.arraycopy(biases, from, logits, q * width, n);
    }
  }

  /** Copies keys as columns, padded with zeros to whole vectors. */
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
   * Replaces a row of logits by weights relative to the largest logit so far, and rescales earlier
   * sums if the largest logit has increased.
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

  /** Returns the largest logit of a row. If it is not finite, makes all logits finite first. */
  private static float finiteMax(float[] logits, int from, int n, int width) {
    float max = max(logits, from, width);
    if (!(Math.abs(max) < Float.MAX_VALUE)) {
      ScalarKernels.makeFinite(logits, from, from + n);
      max = max(logits, from, width);
    }
    return max;
  }

  /**
   * Returns the largest number of whole vectors; NaN if one is NaN. It compares integers of the
   * same order, which is several times as fast: for negative floats, all bits except the sign are
   * inverted.
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

  /** Computes {@code x = exp(x - max)} for whole vectors and returns the sum. */
  private static float exponentiate(float[] x, int from, int width, float max, float[] lanes) {
    VectorExp.ofDifferences(x, from, width, max, lanes);
    return sum(lanes);
  }

  /**
   * Returns the sum of at least four lanes. The order of a vector reduction is unspecified, so it
   * is written out.
   */
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
        // Non-negative floats have the order of their bits.
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
}
