// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.FeatureSums;
import dev.onepass.sketch.polynomial.KeyFeatures;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * sk(K) = Psi U2 (m2 x t), sk(V) = Psi V (m2 x dv) and s (t): what the paper keeps of keys and
 * values. Psi (m2 x n) has one entry g(j) = +-1 per column, in row h(j), from a 4-wise independent
 * hash. Keys and values use the same Psi, so that {@code E sk(K)' sk(V) = U2' V}.
 *
 * <p>j is the number of the token in its part of the sequence, counted from {@link
 * OnepassFamily#FIRST_ROW}. Parts whose rows overlap are not merged, see {@link RowRanges}. A token
 * that is taken back gets its own row, with -phi(k) and v. That removes its term from the
 * expectation of sk(K)' sk(V), and from s exactly. But the noise of two rows remains, because the
 * row of the token itself is no longer known.
 *
 * <p>Weights multiply phi(k), so sk(K) and s are relative to an exponent. sk(V) is the sum of the
 * values as they came, whatever their tokens weigh: the paper makes it before any key is known. So
 * the noise of a value never becomes smaller than that of a value of weight 1, and the family
 * refuses decay in this form.
 *
 * <p>Bytes: seed (i8), m2 (i4), next row (i8), {@link RowRanges}, s, sk(K), sk(V).
 */
final class PsiSums implements FeatureSums {

  private static final int FIXED_BYTES = 8 + 4 + 8;

  private final long seed;
  private final RowHash hash;
  private final int m2;
  private final int valueDim;
  private final float[] s;
  private final float[] skK;
  private final float[] skV;
  private final RowRanges rows;
  private long nextRow;

  PsiSums(long seed, int m2, int features, int valueDim, long firstRow) {
    this(
        seed,
        m2,
        valueDim,
        new float[features],
        new float[Math.multiplyExact(m2, features)],
        new float[Math.multiplyExact(m2, valueDim)],
        new RowRanges());
    nextRow = firstRow;
  }

  private PsiSums(
      long seed, int m2, int valueDim, float[] s, float[] skK, float[] skV, RowRanges rows) {
    this.seed = seed;
    this.hash = new RowHash(seed, -1);
    this.m2 = m2;
    this.valueDim = valueDim;
    this.s = s;
    this.skK = skK;
    this.skV = skV;
    this.rows = rows;
  }

  /** Returns the largest number of bytes; {@link Long#MAX_VALUE} if it exceeds an int. */
  static long mostBytes(long features, int valueDim, long m2) {
    double bytes =
        FIXED_BYTES + RowRanges.MAX_BYTES + 4.0 * (features + m2 * (features + valueDim));
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : (long) bytes;
  }

  /** Returns the number of buckets of Psi. */
  int m2() {
    return m2;
  }

  /** Returns the rows of Psi that are used. */
  RowRanges rows() {
    return rows;
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
    keys.fold(block, (features, values, count) -> fold(features, values, count, keys.tokens()));
  }

  void fold(float[] features, float[] values, int count, long salt) {
    int t = s.length;
    long row = rows.free(nextRow, count);
    rows.add(row, row + count);
    nextRow = row + count;
    float[] blockS = new float[t];
    for (int j = 0; j < count; j++) {
      long value = hash.value(row + j);
      int bucket = RowHash.bucket(value, m2);
      int sign = RowHash.sign(value);
      long random = SplitMix64.mix(row + j);
      add(skK, bucket * t, features, j * t, t, sign, random);
      add(skV, bucket * valueDim, values, j * valueDim, valueDim, sign, ~random);
      for (int r = 0; r < t; r++) {
        blockS[r] += features[j * t + r];
      }
    }
    add(s, 0, blockS, 0, t, 1, SplitMix64.mix(~salt));
  }

  @Override
  public void scale(int power) {
    WeightExponent.scale(s, power);
    WeightExponent.scale(skK, power);
  }

  private static void add(
      float[] sums, int at, float[] terms, int from, int count, double factor, long random) {
    for (int i = 0; i < count; i++) {
      sums[at + i] =
          RandomRounding.round(sums[at + i] + factor * terms[from + i], SplitMix64.mix(random + i));
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>sk(V)' (sk(K) w) takes m2 (t + dv) multiplications per query. Computing sk(K)' sk(V) first
   * takes m2 t dv multiplications once and t dv per query.
   */
  @Override
  public FeatureReadout.Numerator numerator(int queries) {
    if (queries <= valueDim) {
      return this::addTo;
    }
    double[] product = new double[Math.multiplyExact(s.length, valueDim)];
    double[] column = new double[s.length];
    for (int c = 0; c < valueDim; c++) {
      product(c, column);
      for (int r = 0; r < column.length; r++) {
        product[r * valueDim + c] = column[r];
      }
    }
    return (features, numerator) -> {
      for (int r = 0; r < features.length; r++) {
        for (int c = 0; c < valueDim; c++) {
          numerator[c] += features[r] * product[r * valueDim + c];
        }
      }
    };
  }

  private void addTo(double[] features, double[] numerator) {
    int t = s.length;
    for (int b = 0; b < m2; b++) {
      double weight = 0;
      for (int r = 0; r < t; r++) {
        weight += features[r] * skK[b * t + r];
      }
      for (int c = 0; c < valueDim; c++) {
        numerator[c] += weight * skV[b * valueDim + c];
      }
    }
  }

  @Override
  public void product(int c, double[] column) {
    Arrays.fill(column, 0);
    for (int b = 0; b < m2; b++) {
      double value = skV[b * valueDim + c];
      for (int r = 0; r < column.length; r++) {
        column[r] += value * skK[b * column.length + r];
      }
    }
  }

  @Override
  public void merge(FeatureSums other, int power, long salt) {
    PsiSums psi = (PsiSums) other;
    if (psi.seed != seed || psi.m2 != m2) {
      throw new IncompatibleSketchException(
          "Sketches can be merged only if the seed and the buckets of Psi are equal.");
    }
    rows.addAll(psi.rows);
    scale(Math.min(0, -power));
    double factor = Math.scalb(1.0, Math.min(0, power));
    add(s, 0, psi.s, 0, s.length, factor, SplitMix64.mix(salt));
    add(skK, 0, psi.skK, 0, skK.length, factor, SplitMix64.mix(salt + 1));
    add(skV, 0, psi.skV, 0, skV.length, 1, SplitMix64.mix(salt + 2));
  }

  @Override
  public long bytes() {
    return mostBytes(s.length, valueDim, m2) - RowRanges.MAX_BYTES + rows.bytes();
  }

  @Override
  public void write(WireWriter out) {
    out.putLong(seed);
    out.putInt(m2);
    out.putLong(nextRow);
    rows.write(out);
    out.putFloats(s, s.length);
    out.putFloats(skK, skK.length);
    out.putFloats(skV, skV.length);
  }

  static PsiSums read(WireReader in, int features, int valueDim) {
    long seed = in.getLong();
    int m2 = in.getInt("buckets of Psi", 1, Integer.MAX_VALUE);
    long nextRow = in.getLong();
    in.require(mostBytes(features, valueDim, m2) - FIXED_BYTES - RowRanges.MAX_BYTES);
    RowRanges rows = RowRanges.read(in);
    PsiSums sums =
        new PsiSums(
            seed,
            m2,
            valueDim,
            in.getFloats(features),
            in.getFloats(m2 * features),
            in.getFloats(m2 * valueDim),
            rows);
    if (!RowRanges.isRow(nextRow)) {
      throw new CorruptSketchException(
          "next row: expected 0 to %d, got %d".formatted(RowRanges.MAX_ROW, nextRow));
    }
    sums.nextRow = nextRow;
    return sums;
  }
}
