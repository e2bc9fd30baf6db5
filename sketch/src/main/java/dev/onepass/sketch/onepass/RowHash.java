// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.numerics.SplitMix64;

/**
 * A 4-wise independent hash of row numbers: a cubic polynomial with random coefficients modulo the
 * Mersenne prime 2^61 - 1 (Wegman and Carter 1981). The lowest bit of its uniform value is the
 * sign, the other bits give the bucket. So signs and buckets of any four rows are independent up to
 * 2^-60. An unbiased CountSketch needs 2-wise independent signs; the variance of a product of two
 * needs 4-wise independence.
 *
 * <p>Rows lie in 0 .. 2^61 - 2. Equal seeds and numbers give equal hashes everywhere.
 */
final class RowHash {

  private static final long PRIME = (1L << 61) - 1;

  private final long c0;
  private final long c1;
  private final long c2;
  private final long c3;

  /**
   * Creates one of the hashes of a seed.
   *
   * @param number hashes with different numbers are independent of each other
   */
  RowHash(long seed, int number) {
    long state = SplitMix64.mix(SplitMix64.mix(seed) + number);
    c0 = coefficient(state, 0);
    c1 = coefficient(state, 1);
    c2 = coefficient(state, 2);
    c3 = coefficient(state, 3);
  }

  private static long coefficient(long state, int i) {
    return (SplitMix64.mix(state ^ (long) i << 56) >>> 2) % PRIME;
  }

  /** Returns a uniform number in 0 .. 2^61 - 2. */
  long value(long row) {
    long y = add(multiply(c3, row), c2);
    y = add(multiply(y, row), c1);
    return add(multiply(y, row), c0);
  }

  /** Returns 1 or -1. */
  static int sign(long value) {
    return (value & 1) == 0 ? 1 : -1;
  }

  /** Returns one of 1, 1.25 .. 2.75, from the three bits above the sign. */
  static double magnitude(long value) {
    return 1 + (value >>> 1 & 7) / 4.0;
  }

  /** Returns a bucket in 0 .. buckets - 1. */
  static int bucket(long value, int buckets) {
    return (int) Math.multiplyHigh((value >>> 1) << 3, 2L * buckets);
  }

  private static long add(long a, long b) {
    long sum = a + b;
    return sum >= PRIME ? sum - PRIME : sum;
  }

  private static long multiply(long a, long b) {
    long low = a * b;
    return add(low & PRIME, low >>> 61 | Math.multiplyHigh(a, b) << 3);
  }
}
