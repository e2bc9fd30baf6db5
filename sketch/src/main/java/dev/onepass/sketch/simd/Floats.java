// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

/** Helpers for arrays of floats. */
public final class Floats {

  private Floats() {}

  /**
   * Clamps a number to a range around 0, and replaces NaN by 0. It uses comparisons because {@link
   * Math#min} and {@link Math#max} of floats take several times as long.
   *
   * @param x number to clamp
   * @param most bound on the magnitude, at least 0
   * @return the number nearest to {@code x} of magnitude at most {@code most}
   */
  // The comparison with itself is true for NaN only; it keeps compiled loops as they are measured.
  @SuppressWarnings("IdentityBinaryExpression")
  public static float within(float x, float most) {
    return Math.abs(x) <= most ? x : x != x ? 0 : Math.copySign(most, x);
  }

  /**
   * Returns an array of at least a length, for a thread's scratch arrays: the given one if it is
   * long enough, otherwise a new one. The content is undefined.
   */
  public static float[] atLeast(float[] array, int length) {
    return array.length < length ? new float[length] : array;
  }

  /**
   * Returns the sum of the squares of some numbers. It keeps four partial sums, which is faster.
   *
   * @param x array of numbers
   * @param from index of the first number
   * @param count number of numbers
   */
  public static double squareSum(float[] x, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 4 <= from + count; i += 4) {
      a += (double) x[i] * x[i];
      b += (double) x[i + 1] * x[i + 1];
      c += (double) x[i + 2] * x[i + 2];
      d += (double) x[i + 3] * x[i + 3];
    }
    for (; i < from + count; i++) {
      a += (double) x[i] * x[i];
    }
    return a + b + (c + d);
  }

  /**
   * Rounds doubles to floats.
   *
   * @param x numbers
   * @return the same numbers, rounded
   */
  public static float[] of(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }
}
