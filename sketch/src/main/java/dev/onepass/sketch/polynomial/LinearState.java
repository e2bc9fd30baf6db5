// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Sums of features over tokens in floats: den (rows) and num (rows x dv). Bytes: den, then num row
 * by row.
 *
 * <p>Sums saturate at the largest float instead of overflowing, so that no input produces infinity
 * or NaN.
 *
 * <p>A float sum of 1e7 tokens that is rounded to nearest drifts, because the same rounding is
 * repeated. So each addition is rounded by {@link RandomRounding}. The random bits are a hash of
 * the entry's index and the token count: the folded tokens still determine every bit of the state.
 */
public final class LinearState implements FeatureSums {

  private final int rows;
  private final int valueDim;
  private final float[] den;
  private final float[] num;

  /**
   * Creates sums of {@code rows} features, all 0.
   *
   * @param rows number t of features
   * @param valueDim length dv of values
   */
  public LinearState(int rows, int valueDim) {
    this(rows, valueDim, new float[rows], new float[Math.multiplyExact(rows, valueDim)]);
  }

  private LinearState(int rows, int valueDim, float[] den, float[] num) {
    this.rows = rows;
    this.valueDim = valueDim;
    this.den = den;
    this.num = num;
  }

  /**
   * Returns the bytes of a state.
   *
   * @param rows number t of features
   * @param valueDim length dv of values
   */
  public static long bytes(long rows, int valueDim) {
    return rows * (valueDim + 1) * Float.BYTES;
  }

  @Override
  public float[] s() {
    return den;
  }

  @Override
  public int valueDim() {
    return valueDim;
  }

  @Override
  public FeatureReadout.Numerator numerator(int queries) {
    return (features, numerator) ->
        Kernels.addWeightedRows(features, num, rows, valueDim, numerator);
  }

  @Override
  public void product(int c, double[] column) {
    for (int r = 0; r < rows; r++) {
      column[r] = num[r * valueDim + c];
    }
  }

  @Override
  public void fold(KeyFeatures keys, TokenBlock block) {
    keys.fold(block, (features, values, count) -> fold(features, values, count, keys.tokens()));
  }

  void fold(float[] features, float[] values, int count, long salt) {
    float[] blockDen = new float[rows];
    for (int j = 0; j < count; j++) {
      for (int r = 0, f = j * rows; r < rows; r++, f++) {
        blockDen[r] += features[f];
      }
    }
    float[] blockNum = new float[num.length];
    Kernels.addTransposedProduct(features, rows, values, valueDim, count, blockNum);
    add(den, blockDen, 1, salt);
    add(num, blockNum, 1, ~salt);
  }

  @Override
  public void scale(int power) {
    WeightExponent.scale(den, power);
    WeightExponent.scale(num, power);
  }

  @Override
  public void merge(FeatureSums other, int power, long salt) {
    LinearState state = (LinearState) other;
    scale(Math.min(0, -power));
    double factor = Math.scalb(1.0, Math.min(0, power));
    add(den, state.den, factor, salt);
    add(num, state.num, factor, ~salt);
  }

  private static void add(float[] sums, float[] more, double factor, long salt) {
    long seed = SplitMix64.mix(salt);
    for (int i = 0; i < sums.length; i++) {
      sums[i] = RandomRounding.round(sums[i] + factor * more[i], SplitMix64.mix(seed + i));
    }
  }

  @Override
  public long bytes() {
    return bytes(rows, valueDim);
  }

  /** Writes den, then num. */
  @Override
  public void write(WireWriter out) {
    out.putFloats(den, den.length);
    out.putFloats(num, num.length);
  }

  /**
   * Reads what {@link #write} wrote; allocates nothing before the bytes are there.
   *
   * @param in the bytes
   * @param rows number t of features
   * @param valueDim length dv of values
   * @throws dev.onepass.sketch.wire.CorruptSketchException if the bytes are too few or a number is
   *     not finite
   */
  public static LinearState read(WireReader in, int rows, int valueDim) {
    in.require(bytes(rows, valueDim));
    return new LinearState(
        rows, valueDim, in.getFloats(rows), in.getFloats(Math.multiplyExact(rows, valueDim)));
  }
}
