// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

/**
 * The weighted sum of a row of 16-bit numbers, whose unit is a power of two, and a row of floats,
 * rounded at random to 16 bits in the unit of the sum (stochastic rounding; Croci et al., Royal
 * Society Open Science 9, 2022).
 *
 * <p>It computes in float, and yet the mean error is at most 2^-23 units however small the share of
 * the other row is: the whole units of the kept part are set aside, and only the rest, which is
 * small, is added to the other row. A row is mixed in double if its terms are much larger than
 * their sum, or if they are not finite floats.
 *
 * <p>It uses only additions, multiplications and counter-based random bits, so plain loops and
 * vectors give the same bits.
 */
final class RowMix {

  /** Largest magnitude of a 16-bit number. */
  static final int LARGEST = Short.MAX_VALUE;

  /** Smallest exponent of a unit, so that its reciprocal is a float. */
  private static final int LEAST_EXPONENT = Float.MIN_EXPONENT;

  /** Maximum ratio of the terms to the sum, at which the rounding of the terms is 2^-7 units. */
  private static final float MOST_CANCELLED = 4;

  /** Mask of all bits of a float except the sign. Masked bits of NaN are larger than all others. */
  static final int MAGNITUDE = Integer.MAX_VALUE;

  private static final int LARGEST_FINITE = Float.floatToRawIntBits(Float.MAX_VALUE);

  /**
   * Adding this to a number of up to 2^22 rounds it to a whole number, which the last bits then
   * contain.
   */
  static final float SHIFTER = 0x1.8p23f;

  static final int SHIFTER_BITS = Float.floatToRawIntBits(SHIFTER);

  static final int ONE_BITS = Float.floatToRawIntBits(1f);

  /** Difference of the counters of neighbouring numbers: the golden ratio in 32 bits. */
  static final int STEP = 0x9e3779b9;

  /** Factors of the finalizer of MurmurHash3 (Appleby, 2011). */
  static final int FACTOR_1 = 0x85ebca6b;

  static final int FACTOR_2 = 0xc2b2ae35;

  private final short[] rows;
  private final float[] others;
  private final int dim;
  private int at;
  private int oldExponent;
  private float keep;
  private float take;

  /** Seed of the random bits of the row. */
  int seed;

  /** Factors of the two rows: the sum is {@code ofOwn own + ofOther other}. */
  float ofOwn;

  float ofOther;

  /** Exponent of the unit of the sum. */
  int exponent;

  /**
   * Factors in units of the sum: {@code ofWhole own}, whose whole units are set aside, plus {@code
   * ofOtherInUnits other - lessOwn own}.
   */
  float ofWhole;

  float ofOtherInUnits;
  float lessOwn;

  RowMix(short[] rows, float[] others, int dim) {
    this.rows = rows;
    this.others = others;
    this.dim = dim;
  }

  /**
   * Starts the row whose first number is at {@code at}.
   *
   * @param exponent exponent of the unit of the row
   * @param keep factor of the row
   * @param take factor of the other row
   * @param seed seed of the random bits
   */
  void begin(int at, int exponent, float keep, float take, int seed) {
    this.at = at;
    this.oldExponent = exponent;
    this.keep = keep;
    this.take = take;
    this.seed = seed;
    ofOwn = keep * (float) powerOfTwo(exponent);
    ofOther = take;
  }

  /** Returns the bits of the largest magnitude of the sum, starting at a column. */
  int largestBits(int column) {
    int largest = 0;
    for (int i = at + column; i < at + dim; i++) {
      float sum = rows[i] * ofOwn + others[i] * ofOther;
      largest = Math.max(largest, Float.floatToRawIntBits(sum) & MAGNITUDE);
    }
    return largest;
  }

  /**
   * Chooses the unit of the sum.
   *
   * @param largestBits bits of the largest magnitude of the sum
   * @return whether the sum can be computed in float
   */
  boolean scale(int largestBits) {
    float largest = Float.intBitsToFloat(largestBits);
    // The part with the smaller share is the one that is rounded.
    boolean mostlyOwn = take <= 0.5f;
    float ownTerm = (mostlyOwn ? Math.max(1, keep) : keep) * (float) powerOfTwo(oldExponent);
    float largestTerm = LARGEST * ownTerm;
    if (largestBits > LARGEST_FINITE || !(largestTerm <= MOST_CANCELLED * largest)) {
      return false;
    }
    exponent = exponent(largest);
    double ratio = powerOfTwo(oldExponent - exponent);
    ofWhole = (float) (mostlyOwn ? ratio : keep * ratio);
    lessOwn = mostlyOwn ? (float) (take * ratio) : 0;
    ofOtherInUnits = (float) (take * powerOfTwo(-exponent));
    return true;
  }

  /** Returns a power of two. {@link Math#scalb} takes longer than the rest of a row. */
  static double powerOfTwo(int exponent) {
    return Double.longBitsToDouble((long) (exponent + Double.MAX_EXPONENT) << 52);
  }

  private static int exponent(double largest) {
    return Math.max(LEAST_EXPONENT, Math.getExponent(largest / LARGEST) + 1);
  }

  /** Replaces the row by the sum, starting at a column. */
  void round(int column) {
    for (int c = column; c < dim; c++) {
      int i = at + c;
      float kept = rows[i] * ofWhole;
      float whole = kept + SHIFTER;
      float rest = kept - (whole - SHIFTER) + (others[i] * ofOtherInUnits - rows[i] * lessOwn);
      float rounded = rest + chance(c) + SHIFTER;
      put(i, wholePart(whole) + wholePart(rounded));
    }
  }

  private static int wholePart(float shifted) {
    return Float.floatToRawIntBits(shifted) - SHIFTER_BITS;
  }

  /** Returns a random number from -1/2 to 1/2 for a column of this row. */
  private float chance(int column) {
    return chance(seed, column);
  }

  /** Returns a random number from -1/2 to 1/2 for a column of a row with this seed. */
  static float chance(int seed, int column) {
    int x = seed + column * STEP;
    x = (x ^ x >>> 16) * FACTOR_1;
    x = (x ^ x >>> 13) * FACTOR_2;
    x ^= x >>> 16;
    return Float.intBitsToFloat(x >>> 9 | ONE_BITS) - 1.5f;
  }

  private void put(int i, int number) {
    rows[i] = (short) Math.max(-LARGEST, Math.min(LARGEST, number));
  }

  /** Chooses the unit and replaces the row by the sum, computed in double. */
  void roundInDoubles() {
    double unit = Math.scalb(1.0, oldExponent);
    double largest = 0;
    for (int c = 0; c < dim; c++) {
      largest = Math.max(largest, Math.abs(sum(c, unit)));
    }
    exponent = exponent(largest);
    double perUnit = Math.scalb(1.0, -exponent);
    for (int c = 0; c < dim; c++) {
      put(at + c, (int) Math.rint(sum(c, unit) * perUnit + chance(c)));
    }
  }

  /** Returns the sum in a column, within the range of floats; 0 for NaN. */
  // The comparison with itself is false for NaN only; it keeps compiled loops as they are measured.
  @SuppressWarnings("IdentityBinaryExpression")
  private double sum(int column, double unit) {
    double sum = keep * (rows[at + column] * unit) + (double) take * others[at + column];
    return sum == sum ? Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum)) : 0;
  }
}
