// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.codirections.CoDirections;
import dev.onepass.sketch.codirections.SparseRows;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.FeatureSums;
import dev.onepass.sketch.polynomial.KeyFeatures;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * s (t) exactly, and U2' V by sparse co-occurring directions (Wan and Zhang, arXiv 2009.03527): l
 * columns of t + dv numbers, and a buffer of the newest tokens. Only the coordinates of a key that
 * are not 0 have features, so the time for a token depends on their number and not on d, apart from
 * reading the key.
 *
 * <p>A token that is taken back is a pair with a negative value. It cancels the token exactly as
 * long as no direction is dropped; afterwards the bound on the error counts it as another pair.
 *
 * <p>Bytes: s, {@link CoDirections}.
 */
final class DirectionSums implements FeatureSums {

  private final int valueDim;
  private final float[] s;
  private final KeyMonomials monomials;
  private final CoDirections product;
  private final SparseRows row;

  private DirectionSums(
      int keyDim, int valueDim, float[] s, KeyMonomials monomials, CoDirections product) {
    this.valueDim = valueDim;
    this.s = s;
    this.monomials = monomials;
    this.product = product;
    this.row = new SparseRows(keyDim);
  }

  /** Begins empty sums. */
  static DirectionSums begin(MonomialBasis basis, int valueDim, int columns, int bufferBytes) {
    KeyMonomials monomials = new KeyMonomials(basis);
    return new DirectionSums(
        basis.dim(),
        valueDim,
        new float[basis.size()],
        monomials,
        new CoDirections(monomials, basis.dim(), valueDim, columns, bufferBytes));
  }

  /**
   * Returns the largest number of bytes; {@link Long#MAX_VALUE} if it exceeds an int.
   *
   * @param features number t of features
   * @param columns number l of columns
   * @param bufferBytes bytes of the buffer
   */
  static long mostBytes(long features, int valueDim, int columns, long bufferBytes) {
    double bytes =
        (double) Float.BYTES * features
            + CoDirections.mostBytes(features, valueDim, columns, bufferBytes);
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : (long) bytes;
  }

  @Override
  public float[] s() {
    return s;
  }

  @Override
  public int valueDim() {
    return valueDim;
  }

  @Override
  public void fold(KeyFeatures keys, TokenBlock block) {
    keys.foldRows(block, (key, weight, value) -> add(key, weight, value, keys.tokens()));
  }

  private void add(float[] key, float weight, float[] value, long salt) {
    row.clear();
    row.add(key, 0);
    long random = SplitMix64.mix(salt);
    int count = monomials.expand(row, 0);
    for (int f = 0; f < count; f++) {
      int i = monomials.index(f);
      s[i] = RandomRounding.round(s[i] + weight * monomials.value(f), SplitMix64.mix(random + i));
    }
    for (int c = 0; c < valueDim; c++) {
      value[c] *= weight;
    }
    product.add(row, 0, monomials.norm(row, 0), value);
  }

  @Override
  public void scale(int power) {
    WeightExponent.scale(s, power);
    product.scale(power);
  }

  @Override
  public FeatureReadout.Numerator numerator(int queries) {
    return product::addTo;
  }

  @Override
  public void product(int c, double[] column) {
    product.product(c, column);
  }

  @Override
  public double productError() {
    return product.errorBound();
  }

  @Override
  public void merge(FeatureSums other, int power, long salt) {
    DirectionSums directions = (DirectionSums) other;
    int down = Math.min(0, power);
    product.requireSameShape(directions.product);
    scale(Math.min(0, -power));
    product.merge(directions.product, down);
    double factor = Math.scalb(1.0, down);
    long random = SplitMix64.mix(salt);
    for (int i = 0; i < s.length; i++) {
      s[i] = RandomRounding.round(s[i] + factor * directions.s[i], SplitMix64.mix(random + i));
    }
  }

  @Override
  public long bytes() {
    return (long) Float.BYTES * s.length + product.bytes();
  }

  @Override
  public void write(WireWriter out) {
    out.putFloats(s, s.length);
    product.write(out);
  }

  static DirectionSums read(WireReader in, MonomialBasis basis, int valueDim) {
    float[] s = in.getFloats(basis.size());
    KeyMonomials monomials = new KeyMonomials(basis);
    CoDirections product = CoDirections.read(in, monomials, basis.dim(), valueDim);
    return new DirectionSums(basis.dim(), valueDim, s, monomials, product);
  }
}
