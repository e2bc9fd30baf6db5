// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

/**
 * Rows of floats that 16 bits per number can hold: whole multiples, up to {@value RowMix#LARGEST},
 * of the smallest power of two that suffices for the largest number of the row.
 *
 * <p>Sums are rounded at random, as in {@link RowMix}: in float with the whole units of the row set
 * aside, or in double if terms are much larger than their sum or not finite. Plain loops and
 * vectors give the same bits.
 */
public final class RowRounding {

  /** Exponents of the smallest unit, whose reciprocal is a float, and of the largest. */
  private static final int LEAST_EXPONENT = Float.MIN_EXPONENT;

  private static final int LARGEST_EXPONENT = Float.MAX_EXPONENT - Short.SIZE + 2;

  /** Maximum ratio of the numbers of the row to the sum, at which their rounding is 2^-7 units. */
  private static final float MOST_CANCELLED = 4;

  private static final int LARGEST_FINITE = Float.floatToRawIntBits(Float.MAX_VALUE);

  /** Returned instead of an exponent if the sum must be computed in double. */
  static final int NONE = Integer.MIN_VALUE;

  private RowRounding() {}

  /**
   * Returns the bits of the largest magnitude; above those of all finite numbers if one is not
   * finite.
   */
  static int largestBits(float[] row, int from, int to) {
    int largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(row[i]) & RowMix.MAGNITUDE);
    }
    return largest;
  }

  /** Returns the exponent of the unit of a row whose largest magnitude has these bits. */
  static int exponent(int largestBits) {
    return exponent((double) Float.intBitsToFloat(largestBits));
  }

  /**
   * Returns the exponent of the unit of a row.
   *
   * @param largest largest magnitude in the row, finite
   */
  public static int exponent(double largest) {
    int exponent = Math.max(LEAST_EXPONENT, Math.getExponent(largest) - Short.SIZE + 2);
    boolean isTooSmall = largest > RowMix.LARGEST * RowMix.powerOfTwo(exponent);
    return Math.min(LARGEST_EXPONENT, isTooSmall ? exponent + 1 : exponent);
  }

  /**
   * Returns the exponent of the unit that a row of finite numbers needs.
   *
   * @param row array that contains the row
   * @param at index of its first number
   * @param dim length of the row
   */
  public static int exponent(float[] row, int at, int dim) {
    return exponent(largestBits(row, at, at + dim));
  }

  /**
   * Returns a unit, or the reciprocal of one.
   *
   * @param exponent exponent of the unit, or its negative
   * @return 2 to the power of {@code exponent}
   */
  public static float unit(int exponent) {
    return (float) RowMix.powerOfTwo(exponent);
  }

  /** Rounds numbers of a row to the nearest multiples of the unit. */
  static void round(float[] row, int from, int to, int exponent) {
    float unit = unit(exponent);
    float perUnit = unit(-exponent);
    for (int i = from; i < to; i++) {
      row[i] = bounded(wholePart(row[i] * perUnit + RowMix.SHIFTER)) * unit;
    }
  }

  private static int wholePart(float shifted) {
    return Float.floatToRawIntBits(shifted) - RowMix.SHIFTER_BITS;
  }

  private static int bounded(int number) {
    return Math.max(-RowMix.LARGEST, Math.min(RowMix.LARGEST, number));
  }

  /** Returns the bits of the largest magnitude of the sums, starting at a column. */
  static int largestBitsOfSum(
      float[] row, int at, float[] other, int from, int first, int dim, float less, float take) {
    int largest = 0;
    for (int c = first; c < dim; c++) {
      float own = row[at + c];
      float sum = own + (other[from + c] - less * own) * take;
      largest = Math.max(largest, Float.floatToRawIntBits(sum) & RowMix.MAGNITUDE);
    }
    return largest;
  }

  /** Returns the exponent of the unit of a sum; {@link #NONE} if it must be computed in double. */
  static int exponentOfSum(int largestBits, int largestOwnBits) {
    float largest = Float.intBitsToFloat(largestBits);
    float own = Float.intBitsToFloat(largestOwnBits);
    boolean isFine = largestBits <= LARGEST_FINITE && own <= MOST_CANCELLED * largest;
    return isFine ? exponent(largestBits) : NONE;
  }

  /** Replaces the row by {@code row + take (other - less row)}, starting at a column. */
  static void mix(
      float[] row,
      int at,
      float[] other,
      int from,
      int first,
      int dim,
      float less,
      float take,
      int seed,
      int exponent) {
    float unit = unit(exponent);
    float perUnit = unit(-exponent);
    for (int c = first; c < dim; c++) {
      float own = row[at + c] * perUnit;
      float whole = own + RowMix.SHIFTER;
      float added = (other[from + c] * perUnit - less * own) * take;
      float rest = own - (whole - RowMix.SHIFTER) + added;
      float rounded = rest + RowMix.chance(seed, c) + RowMix.SHIFTER;
      row[at + c] = bounded(wholePart(whole) + wholePart(rounded)) * unit;
    }
  }

  /**
   * Replaces a whole row by the same sum, computed in double; sums that are NaN leave the number
   * unchanged.
   */
  static void mixInDoubles(
      float[] row, int at, float[] other, int from, int dim, float less, float take, int seed) {
    double largest = 0;
    for (int c = 0; c < dim; c++) {
      largest = Math.max(largest, Math.abs(sum(row[at + c], other[from + c], less, take)));
    }
    int exponent = exponent(largest);
    double perUnit = RowMix.powerOfTwo(-exponent);
    for (int c = 0; c < dim; c++) {
      double sum = sum(row[at + c], other[from + c], less, take) * perUnit;
      row[at + c] = bounded((int) Math.rint(sum + RowMix.chance(seed, c))) * unit(exponent);
    }
  }

  // The comparison with itself is false for NaN only; it keeps compiled loops as they are measured.
  @SuppressWarnings("IdentityBinaryExpression")
  private static double sum(double own, double other, double less, double take) {
    double sum = own + (other - less * own) * take;
    return sum == sum ? Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum)) : own;
  }
}
