// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

/**
 * Rounds doubles to floats, up or down with the probability that makes the result right on average
 * (stochastic rounding; Croci et al., Royal Society Open Science 9, 2022). A long float sum that is
 * rounded to nearest drifts, because the same rounding is repeated. A sum that is rounded at random
 * deviates only by about the square root of its length.
 */
public final class RandomRounding {

  private static final long DROPPED = (1L << 29) - 1;

  private RandomRounding() {}

  /**
   * Rounds a number to one of the two floats around it, at random, so that it is right on average.
   * Returns x itself if it is a float, and the largest float if |x| is larger.
   *
   * @param x any number but NaN
   * @param random 64 bits, of which 29 are used
   */
  public static float round(double x, long random) {
    if (Math.abs(x) >= Float.MAX_VALUE) {
      return Math.copySign(Float.MAX_VALUE, (float) x);
    }
    // The significand of a double has 29 bits more than that of a float. Adds random bits to them,
    // then drops them.
    long bits = Double.doubleToRawLongBits(x) + (random & DROPPED);
    return (float) Double.longBitsToDouble(bits & ~DROPPED);
  }
}
