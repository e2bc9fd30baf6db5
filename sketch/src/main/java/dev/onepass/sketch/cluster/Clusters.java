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
 * A growing list of clusters. Each has its mass, the sum of the weights of its tokens (a double),
 * the mean square distance of its keys from their mean (its spread), its mean key (d) and its mean
 * value (dv). As long as all weights are 1, a mass is a number of tokens, exact up to 2^53. From
 * the first other weight on, masses are relative to the exponent of the sketch, and each cluster
 * also has the effective number of its tokens, {@code (sum w)^2 / sum w^2} (Kish, Survey Sampling,
 * 1965). Means are rounded to 16 bits a number ({@link SixteenBits}). Means of unions are rounded
 * at random, so that means over any number of tokens remain right on average.
 *
 * <p>A cluster of spread 0 is called pure: it holds one key only, up to the rounding of new tokens.
 *
 * <p>Bytes: masses (f8 each), effective numbers (f4) if there are any, spreads (f4), mean keys (an
 * exponent of i1 and d x i2), mean values (an exponent and dv x i2), one after the other. In format
 * 1 means are f4 without exponents.
 */
final class Clusters {

  final int keyDim;
  final int valueDim;
  int count;
  double[] masses;

  /**
   * Effective numbers of tokens; empty while all weights are 1, because masses are numbers then.
   */
  private float[] numbers = {};

  private boolean weighted;
  float[] spread;
  float[] keys;
  float[] values;

  Clusters(int keyDim, int valueDim, int capacity) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    masses = new double[capacity];
    spread = new float[capacity];
    keys = new float[Math.multiplyExact(capacity, keyDim)];
    values = new float[Math.multiplyExact(capacity, valueDim)];
  }

  /**
   * Returns the bytes of one cluster: 2 (d + dv + 7), or 4 (d + dv + 3) if numbers are floats; 4
   * more if tokens have weights.
   */
  static long entryBytes(Sizes sizes) {
    long numbers = (long) sizes.keyDim() + sizes.valueDim();
    long means = sizes.floats() ? Float.BYTES * numbers : SixteenBits.bytes(2, numbers);
    return Double.BYTES + Float.BYTES + means + (sizes.weighted() ? Float.BYTES : 0);
  }

  /** Begins to count effective numbers of tokens. */
  void weigh() {
    weighted = true;
    numbers = new float[masses.length];
    for (int a = 0; a < count; a++) {
      numbers[a] = (float) masses[a];
    }
  }

  /** Returns whether tokens may have other weights than 1. */
  boolean isWeighted() {
    return weighted;
  }

  /** Returns the effective number of a cluster's tokens, at least 1, whatever their weights. */
  double number(int a) {
    return weighted ? numbers[a] : masses[a];
  }

  /**
   * Returns the tokens of some clusters; with weights, the share that they have as clusters.
   *
   * @param all tokens of all clusters
   */
  long tokens(int from, int to, long all) {
    if (weighted) {
      return (long) (all * ((double) to / count)) - (long) (all * ((double) from / count));
    }
    long sum = 0;
    for (int a = from; a < to; a++) {
      sum += (long) masses[a];
    }
    return sum;
  }

  /** Halves all masses some times; clusters without any mass left go. Other masses are exact. */
  void halve(long times) {
    int exponent = (int) Math.max(-times, 2 * Double.MIN_EXPONENT);
    for (int a = 0; a < count; a++) {
      masses[a] = Math.scalb(masses[a], exponent);
    }
    removeEmpty();
  }

  /**
   * Appends tokens as clusters of one token each, rounded to nearest, so that equal keys remain
   * equal. Tokens of weight 0 are left out.
   *
   * @param block tokens, relative to the exponent of the sketch
   */
  void append(TokenBlock block, int from, int to) {
    int more = to - from;
    grow(count + more);
    Arrays.fill(masses, count, count + more, 1);
    Arrays.fill(spread, count, count + more, 0);
    System.arraycopy(block.keys(), from * keyDim, keys, count * keyDim, more * keyDim);
    System.arraycopy(block.values(), from * valueDim, values, count * valueDim, more * valueDim);
    for (int j = 0; weighted && j < more; j++) {
      masses[count + j] = block.weight(from + j);
      numbers[count + j] = 1;
    }
    count += more;
    round(count - more);
    if (weighted) {
      removeEmpty();
    }
  }

  /** Rounds the means of all clusters from {@code first} on. */
  void round(int first) {
    for (int a = first; a < count; a++) {
      Kernels.roundRow(keys, a * keyDim, keyDim);
      Kernels.roundRow(values, a * valueDim, valueDim);
    }
  }

  /** Appends clusters of the same dimensions and exponent. */
  void append(Clusters other, int from, int to) {
    int more = to - from;
    grow(count + more);
    System.arraycopy(other.masses, from, masses, count, more);
    if (weighted) {
      System.arraycopy(other.numbers, from, numbers, count, more);
    }
    System.arraycopy(other.spread, from, spread, count, more);
    System.arraycopy(other.keys, from * keyDim, keys, count * keyDim, more * keyDim);
    System.arraycopy(other.values, from * valueDim, values, count * valueDim, more * valueDim);
    count += more;
  }

  private void grow(int needed) {
    if (needed > masses.length) {
      int capacity = Math.max(needed, masses.length + masses.length / 2);
      masses = Arrays.copyOf(masses, capacity);
      spread = Arrays.copyOf(spread, capacity);
      numbers = weighted ? Arrays.copyOf(numbers, capacity) : numbers;
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
   * Unites two clusters, exactly up to rounding. n are masses. The scatter of the union is that of
   * both, plus n_a n_b / (n_a + n_b) |mu_a - mu_b|^2. Leaves the second cluster empty.
   *
   * @param within what all clusters share
   * @param random 64 bits that no other call uses
   */
  void absorb(int a, int b, Within within, long random) {
    double sum = masses[a] + masses[b];
    double share = masses[b] / sum;
    double squares = within.add(this, a, b, masses[a] * share);
    long bits = SplitMix64.mix(random);
    Kernels.mixRow(keys, a * keyDim, keys, b * keyDim, keyDim, share, (int) bits);
    Kernels.mixRow(
        values, a * valueDim, values, b * valueDim, valueDim, share, (int) (bits >>> 32));
    spread[a] =
        RandomRounding.round(
            spread[a] * (1 - share) + spread[b] * share + share * (1 - share) * squares,
            SplitMix64.mix(bits));
    if (weighted) {
      double unevenness = (1 - share) * (1 - share) / numbers[a] + share * share / numbers[b];
      numbers[a] = Math.max(1, RandomRounding.round(1 / unevenness, SplitMix64.mix(~bits)));
    }
    masses[a] = sum;
    masses[b] = 0;
  }

  /** Removes clusters without mass; the others keep their order. */
  void removeEmpty() {
    int kept = 0;
    for (int a = 0; a < count; a++) {
      if (masses[a] > 0) {
        if (kept < a) {
          masses[kept] = masses[a];
          spread[kept] = spread[a];
          if (weighted) {
            numbers[kept] = numbers[a];
          }
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
      out.putDouble(masses[a]);
    }
    if (weighted) {
      out.putFloats(numbers, count);
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
   * @param tokens number of tokens, the sum of the masses if all weights are 1
   * @throws CorruptSketchException if the bytes are not {@code count} clusters of these tokens
   */
  static Clusters read(WireReader in, Sizes sizes, int count, long tokens) {
    int keyDim = sizes.keyDim();
    int valueDim = sizes.valueDim();
    in.require(count * entryBytes(sizes));
    Clusters clusters = new Clusters(keyDim, valueDim, count);
    clusters.count = count;
    clusters.readMasses(in, sizes.weighted(), tokens);
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

  private void readMasses(WireReader in, boolean withNumbers, long tokens) {
    double least = withNumbers ? Double.MIN_VALUE : 1;
    double total = 0;
    for (int a = 0; a < count; a++) {
      masses[a] = in.getDouble();
      if (!(masses[a] >= least)) {
        throw new CorruptSketchException(
            "mass of a cluster: expected at least %s, got %s".formatted(least, masses[a]));
      }
      total += masses[a];
    }
    if (withNumbers) {
      weigh();
      in.getFloats(numbers, count, WireReader.Infinities.REFUSED);
      for (int a = 0; a < count; a++) {
        if (!(numbers[a] >= 1)) {
          throw new CorruptSketchException(
              "effective number of tokens: expected at least 1, got " + numbers[a]);
        }
      }
    } else if (!(Math.abs(total - tokens) <= 0x1p-40 * tokens)) {
      // Up to 2^53 tokens the sum is exact.
      throw new CorruptSketchException(
          "tokens of all clusters: expected %d, got %s".formatted(tokens, total));
    }
  }
}
