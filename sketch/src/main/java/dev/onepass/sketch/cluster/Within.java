// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * What all clusters share: the sums over tokens of x x' (S, d x d, half of it kept) and of x y' (X,
 * d x dv). x and y are a token's key and value minus the means of its cluster. Each sum is kept if
 * the bytes allow it. The sums grow whenever two clusters are united, by n_a n_b / (n_a + n_b)
 * times the products of the differences of the means, which is exact.
 *
 * <p>Rows have 16 bits a number ({@link SixteenBits}) and are rounded at random once per fold; the
 * additions of a fold are summed in float first. The sum of y'y is always kept, as a double.
 *
 * <p>Bytes: the sum of y'y (f8), S (lower half, by row), X (by row), each of them exponents (d x
 * i1) and numbers (i2). In format 1 numbers are f4 without exponents.
 */
final class Within {

  /**
   * Arrays that a thread keeps: what unions add until it is rounded into the sums. Their content is
   * undefined between folds.
   */
  private static final class Scratch {

    /** Unions whose products are summed together. */
    private static final int ROWS = 64;

    float[] left = {};
    float[] right = {};
    float[] sum = {};
    int rows;

    void clear(int leftDim, int rightDim) {
      left = Floats.atLeast(left, ROWS * leftDim);
      right = Floats.atLeast(right, ROWS * rightDim);
      sum = Floats.atLeast(sum, leftDim * rightDim);
      Arrays.fill(sum, 0, leftDim * rightDim, 0f);
      rows = 0;
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final int keyDim;
  private final int valueDim;
  private final float[] squares;
  private final float[] products;

  /** Where y begins behind x in the right factor of what unions add: 0 if S is not kept. */
  private final int valuesAt;

  private final int rightDim;
  private double valueScatter;

  /** Null unless unions were added since the last call of {@link #settle}. */
  private Scratch addend;

  Within(Sizes sizes) {
    keyDim = sizes.keyDim();
    valueDim = sizes.valueDim();
    squares = new float[(int) sizes.squares()];
    products = new float[(int) sizes.products()];
    valuesAt = squares.length > 0 ? keyDim : 0;
    rightDim = valuesAt + (products.length > 0 ? valueDim : 0);
  }

  /**
   * Adds the scatter of a union of two clusters beyond that of its parts.
   *
   * @param weight n_a n_b / (n_a + n_b)
   * @return |mu_b - mu_a|^2
   */
  double add(Clusters clusters, int a, int b, double weight) {
    valueScatter += weight * clusters.squareValueDistance(a, b);
    double distance = clusters.squareKeyDistance(a, b);
    if (distance > 0 && rightDim > 0) {
      addProducts(clusters, a, b, weight);
    }
    return distance;
  }

  private void addProducts(Clusters clusters, int a, int b, double weight) {
    if (addend == null) {
      addend = SCRATCH.get();
      addend.clear(keyDim, rightDim);
    } else if (addend.rows == Scratch.ROWS) {
      multiply();
    }
    int left = addend.rows * keyDim;
    int right = addend.rows * rightDim;
    float factor = (float) weight;
    for (int i = 0; i < keyDim; i++) {
      float x = clusters.keys[b * keyDim + i] - clusters.keys[a * keyDim + i];
      addend.left[left + i] = factor * x;
      if (valuesAt > 0) {
        addend.right[right + i] = x;
      }
    }
    if (products.length > 0) {
      for (int c = 0; c < valueDim; c++) {
        addend.right[right + valuesAt + c] =
            clusters.values[b * valueDim + c] - clusters.values[a * valueDim + c];
      }
    }
    addend.rows++;
  }

  private void multiply() {
    Kernels.addTransposedProduct(
        addend.left, keyDim, addend.right, rightDim, addend.rows, addend.sum);
    addend.rows = 0;
  }

  /**
   * Adds the sums over other tokens.
   *
   * @param random 64 bits that no other call uses
   */
  void add(Within other, long random) {
    valueScatter += other.valueScatter;
    for (int i = 0, e = 0; i < keyDim && squares.length > 0; e += ++i) {
      Kernels.addToRow(squares, e, other.squares, e, i + 1, bits(random, i));
    }
    for (int i = 0; i < keyDim && products.length > 0; i++) {
      int p = i * valueDim;
      Kernels.addToRow(products, p, other.products, p, valueDim, bits(~random, i));
    }
  }

  /**
   * Rounds what unions added since the last call into the sums.
   *
   * @param random 64 bits that no other call uses
   */
  void settle(long random) {
    if (addend == null) {
      return;
    }
    multiply();
    float[] more = addend.sum;
    for (int i = 0, e = 0; i < keyDim && squares.length > 0; e += ++i) {
      Kernels.addToRow(squares, e, more, i * rightDim, i + 1, bits(random, i));
    }
    for (int i = 0; i < keyDim && products.length > 0; i++) {
      int from = i * rightDim + valuesAt;
      Kernels.addToRow(products, i * valueDim, more, from, valueDim, bits(~random, i));
    }
    addend = null;
  }

  /** Halves all sums some times, exactly unless they become too small for their 16 bits. */
  void halve(long times) {
    int exponent = (int) Math.max(-times, 2 * Double.MIN_EXPONENT);
    valueScatter = Math.scalb(valueScatter, exponent);
    scale(squares, exponent);
    scale(products, exponent);
    round();
  }

  private static void scale(float[] sums, int exponent) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Math.scalb(sums[i], exponent);
    }
  }

  private static int bits(long random, int row) {
    return (int) SplitMix64.mix(random + row);
  }

  /** Rounds all rows to 16 bits a number. */
  void round() {
    for (int i = 0, e = 0; i < keyDim && squares.length > 0; e += ++i) {
      Kernels.roundRow(squares, e, i + 1);
    }
    for (int i = 0; i < keyDim && products.length > 0; i++) {
      Kernels.roundRow(products, i * valueDim, valueDim);
    }
  }

  /** Returns S times a factor, d x d; empty if S is not kept. */
  float[] squares(double factor) {
    float[] whole = new float[squares.length > 0 ? keyDim * keyDim : 0];
    for (int i = 0, e = 0; i < keyDim && squares.length > 0; i++) {
      for (int l = 0; l <= i; l++, e++) {
        whole[i * keyDim + l] = (float) (factor * squares[e]);
        whole[l * keyDim + i] = whole[i * keyDim + l];
      }
    }
    return whole;
  }

  /**
   * Returns X times 2^exponent, d x dv; empty if it is not kept. Not a copy if the exponent is 0.
   */
  float[] products(int exponent) {
    if (exponent == 0) {
      return products;
    }
    float[] scaled = products.clone();
    scale(scaled, exponent);
    return scaled;
  }

  /**
   * Returns the share of the scatter of values that X explains if keys are round, 0 to 1; 0 if X is
   * not kept.
   *
   * @param scatter the sum over tokens of x'x
   */
  double explained(double scatter) {
    if (products.length == 0 || !(scatter > 0 && valueScatter > 0)) {
      return 0;
    }
    double length = Math.sqrt(Floats.squareSum(products, 0, products.length));
    return Math.min(1, keyDim * (length / scatter) * (length / valueScatter));
  }

  /** Returns the sum of the square distances of values from the mean value of their cluster. */
  double valueScatter() {
    return valueScatter;
  }

  void write(WireWriter out, boolean floats) {
    out.putDouble(valueScatter);
    if (floats) {
      out.putFloats(squares, squares.length);
      out.putFloats(products, products.length);
    } else {
      SixteenBits.write(out, squares, squares.length > 0 ? keyDim : 0, row -> row + 1);
      SixteenBits.write(out, products, products.length > 0 ? keyDim : 0, row -> valueDim);
    }
  }

  static Within read(WireReader in, Sizes sizes) {
    in.require(Double.BYTES + sizes.squareBytes() + sizes.productBytes());
    Within within = new Within(sizes);
    within.valueScatter = in.getDouble();
    if (!(within.valueScatter >= 0)) {
      throw new CorruptSketchException(
          "scatter of values: expected at least 0, got " + within.valueScatter);
    }
    if (sizes.floats()) {
      in.getFloats(within.squares, within.squares.length, WireReader.Infinities.REFUSED);
      in.getFloats(within.products, within.products.length, WireReader.Infinities.REFUSED);
    } else {
      int dim = sizes.keyDim();
      SixteenBits.read(in, within.squares, sizes.covariance() ? dim : 0, row -> row + 1);
      SixteenBits.read(in, within.products, sizes.slope() ? dim : 0, row -> sizes.valueDim());
    }
    return within;
  }
}
