// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * A growing list of clusters. Each has its number of tokens (a double, exact up to 2^53), the mean
 * square distance of its keys from their mean (its spread), its mean key (d) and its mean value
 * (dv). Means are rounded to 16 bits a number ({@link SixteenBits}). Means of unions are rounded at
 * random, so that means over any number of tokens remain right on average.
 *
 * <p>A cluster of spread 0 is called pure: it holds one key only, up to the rounding of new tokens.
 *
 * <p>Bytes: counts (f8 each), spreads (f4), mean keys (an exponent of i1 and d x i2), mean values
 * (an exponent and dv x i2), one after the other. In format 1 means are f4 without exponents.
 */
final class Clusters {

  final int keyDim;
  final int valueDim;
  int count;
  double[] tokens;
  float[] spread;
  float[] keys;
  float[] values;

  Clusters(int keyDim, int valueDim, int capacity) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    tokens = new double[capacity];
    spread = new float[capacity];
    keys = new float[Math.multiplyExact(capacity, keyDim)];
    values = new float[Math.multiplyExact(capacity, valueDim)];
  }

  /** Returns the bytes of one cluster: 2 (d + dv + 7), or 4 (d + dv + 3) in format 1. */
  static long entryBytes(int keyDim, int valueDim, boolean floats) {
    long numbers = (long) keyDim + valueDim;
    long means = floats ? Float.BYTES * numbers : SixteenBits.bytes(2, numbers);
    return Double.BYTES + Float.BYTES + means;
  }

  /**
   * Appends tokens as clusters of one token each, rounded to nearest, so that equal keys remain
   * equal.
   */
  void append(TokenBlock block, int from, int to) {
    int more = to - from;
    grow(count + more);
    Arrays.fill(tokens, count, count + more, 1);
    Arrays.fill(spread, count, count + more, 0);
    System.arraycopy(block.keys(), from * keyDim, keys, count * keyDim, more * keyDim);
    System.arraycopy(block.values(), from * valueDim, values, count * valueDim, more * valueDim);
    count += more;
    round(count - more);
  }

  /** Rounds the means of all clusters from {@code first} on. */
  void round(int first) {
    for (int a = first; a < count; a++) {
      Kernels.roundRow(keys, a * keyDim, keyDim);
      Kernels.roundRow(values, a * valueDim, valueDim);
    }
  }

  /** Appends clusters of the same dimensions. */
  void append(Clusters other, int from, int to) {
    int more = to - from;
    grow(count + more);
    System.arraycopy(other.tokens, from, tokens, count, more);
    System.arraycopy(other.spread, from, spread, count, more);
    System.arraycopy(other.keys, from * keyDim, keys, count * keyDim, more * keyDim);
    System.arraycopy(other.values, from * valueDim, values, count * valueDim, more * valueDim);
    count += more;
  }

  private void grow(int needed) {
    if (needed > tokens.length) {
      int capacity = Math.max(needed, tokens.length + tokens.length / 2);
      tokens = Arrays.copyOf(tokens, capacity);
      spread = Arrays.copyOf(spread, capacity);
      keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keyDim));
      values = Arrays.copyOf(values, Math.multiplyExact(capacity, valueDim));
    }
  }

  /** Returns whether all tokens of a cluster have the same key. */
  boolean isPure(int a) {
    return spread[a] == 0;
  }

  /** Returns |mu_b - mu_a|^2. */
  double squareKeyDistance(int a, int b) {
    return squareDistance(keys, keyDim, a, b);
  }

  /** Returns |vbar_b - vbar_a|^2. */
  double squareValueDistance(int a, int b) {
    return squareDistance(values, valueDim, a, b);
  }

  private static double squareDistance(float[] rows, int dim, int a, int b) {
    int own = a * dim;
    int other = b * dim;
    // Two independent sums can be computed in parallel.
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; i + 2 <= dim; i += 2) {
      double x = (double) rows[other + i] - rows[own + i];
      double y = (double) rows[other + i + 1] - rows[own + i + 1];
      even += x * x;
      odd += y * y;
    }
    if (i < dim) {
      double x = (double) rows[other + i] - rows[own + i];
      even += x * x;
    }
    return even + odd;
  }

  /**
   * Unites two clusters, exactly up to rounding. The scatter of the union is that of both, plus n_a
   * n_b / (n_a + n_b) |mu_a - mu_b|^2. Leaves the second cluster empty.
   *
   * @param within what all clusters share
   * @param random 64 bits that no other call uses
   */
  void absorb(int a, int b, Within within, long random) {
    double sum = tokens[a] + tokens[b];
    double share = tokens[b] / sum;
    double squares = within.add(this, a, b, tokens[a] * share);
    long bits = SplitMix64.mix(random);
    Kernels.mixRow(keys, a * keyDim, keys, b * keyDim, keyDim, share, (int) bits);
    Kernels.mixRow(
        values, a * valueDim, values, b * valueDim, valueDim, share, (int) (bits >>> 32));
    spread[a] =
        RandomRounding.round(
            spread[a] * (1 - share) + spread[b] * share + share * (1 - share) * squares,
            SplitMix64.mix(bits));
    tokens[a] = sum;
    tokens[b] = 0;
  }

  /** Removes clusters without tokens; the others keep their order. */
  void removeEmpty() {
    int kept = 0;
    for (int a = 0; a < count; a++) {
      if (tokens[a] > 0) {
        if (kept < a) {
          tokens[kept] = tokens[a];
          spread[kept] = spread[a];
          System.arraycopy(keys, a * keyDim, keys, kept * keyDim, keyDim);
          System.arraycopy(values, a * valueDim, values, kept * valueDim, valueDim);
        }
        kept++;
      }
    }
    count = kept;
  }

  void write(WireWriter out, boolean floats) {
    for (int a = 0; a < count; a++) {
      out.putDouble(tokens[a]);
    }
    out.putFloats(spread, count);
    if (floats) {
      out.putFloats(keys, count * keyDim);
      out.putFloats(values, count * valueDim);
    } else {
      SixteenBits.write(out, keys, count, a -> keyDim);
      SixteenBits.write(out, values, count, a -> valueDim);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param sum the sum of the counts
   * @throws CorruptSketchException if the bytes are not {@code count} clusters of that sum
   */
  static Clusters read(WireReader in, Sizes sizes, int count, long sum) {
    int keyDim = sizes.keyDim();
    int valueDim = sizes.valueDim();
    in.require(count * entryBytes(keyDim, valueDim, sizes.floats()));
    Clusters clusters = new Clusters(keyDim, valueDim, count);
    clusters.count = count;
    double total = 0;
    for (int a = 0; a < count; a++) {
      clusters.tokens[a] = in.getDouble();
      if (!(clusters.tokens[a] >= 1)) {
        throw new CorruptSketchException(
            "tokens of a cluster: expected at least 1, got " + clusters.tokens[a]);
      }
      total += clusters.tokens[a];
    }
    // Up to 2^53 tokens the sum is exact.
    if (!(Math.abs(total - sum) <= 0x1p-40 * sum)) {
      throw new CorruptSketchException(
          "tokens of all clusters: expected %d, got %s".formatted(sum, total));
    }
    in.getFloats(clusters.spread, count, WireReader.Infinities.REFUSED);
    for (int a = 0; a < count; a++) {
      if (!(clusters.spread[a] >= 0)) {
        throw new CorruptSketchException("spread: expected at least 0, got " + clusters.spread[a]);
      }
    }
    if (sizes.floats()) {
      in.getFloats(clusters.keys, count * keyDim, WireReader.Infinities.REFUSED);
      in.getFloats(clusters.values, count * valueDim, WireReader.Infinities.REFUSED);
    } else {
      SixteenBits.read(in, clusters.keys, count, a -> keyDim);
      SixteenBits.read(in, clusters.values, count, a -> valueDim);
    }
    return clusters;
  }
}
