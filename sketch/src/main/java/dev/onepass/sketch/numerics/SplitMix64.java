// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

/**
 * The mixing function of the generator SplitMix64 (Steele, Lea and Flood, Fast splittable
 * pseudorandom number generators, OOPSLA 2014).
 */
public final class SplitMix64 {

  /** The increment of the generator: 2^64 divided by the golden ratio, rounded to odd. */
  public static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private SplitMix64() {}

  /**
   * Returns the number that the generator draws from a state: {@code finish(state + GOLDEN)}.
   *
   * @param state any 64 bits
   * @return 64 bits, each of which depends on all bits of the state
   */
  public static long mix(long state) {
    return finish(state + GOLDEN);
  }

  /**
   * Returns the output function of the generator alone, a bijection that maps 0 to 0.
   *
   * @param bits any 64 bits
   */
  public static long finish(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
