package dev.onepass.sketch.simd;

/**
 * The weighted sum of a row of 16-bit numbers, which has a power of two as its unit, and a row of
 * floats, rounded at random (stochastic rounding; Croci et al., Royal Society Open Science 9, 2022)
 * to 16 bits of the unit that suits it.
 *
 * <p>In floats, and yet right on average to 2^-23 of a unit however small the other row's share is:
 * the whole units of what is kept are set aside, and only the rest, which is small, meets what is
 * added. Where terms are much larger than their sum, or no finite floats, a row is mixed in
 * doubles.
 *
 * <p>Additions and multiplications alone, and random bits by a counter, so that plain loops and
 * vectors give the same bits.
 */
final class RowMix {

  /** Largest number kept, of 16 bits. */
  static final int LARGEST = Short.MAX_VALUE;

  /** Least exponent, whose reciprocal is a float. */
  private static final int LEAST_EXPONENT = Float.MIN_EXPONENT;

  /** Terms may be larger than the sum by this: then their rounding is 2^-7 units. */
  private static final float MOST_CANCELLED = 4;

  /** All bits of a float but its sign; what is no number is above all others. */
  static final int MAGNITUDE = Integer.MAX_VALUE;

  private static final int LARGEST_FINITE = Float.floatToRawIntBits(Float.MAX_VALUE);

  /** A number of up to 2^22 added to this is rounded to a whole one, which the last bits hold. */
  static final float SHIFTER = 0x1.8p23f;

  static final int SHIFTER_BITS = Float.floatToRawIntBits(SHIFTER);

  static final int ONE_BITS = Float.floatToRawIntBits(1f);

  /** The golden ratio: from the counter of one number to that of the next. */
  static final int STEP = 0x9e3779b9;

  /** The finalizer of MurmurHash3 (Appleby, 2011). */
  static final int FACTOR_1 = 0x85ebca6b;

  static final int FACTOR_2 = 0xc2b2ae35;

  private final short[] rows;
  private final float[] others;
  private final int dim;
  private int at;
  private int oldExponent;
  private float keep;
  private float take;

  /** Random bits of the row. */
  int seed;

  /** What the sum is, in the numbers of the two rows. */
  float ofOwn;

  float ofOther;

  /** Of the sum. */
  int exponent;

  /**
   * The same in units of the sum: {@code ofWhole own}, whose whole units are set aside, and {@code
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

  /** Goes to the row from {@code at} on: {@code keep} of it and {@code take} of the other one. */
  void begin(int at, int exponent, float keep, float take, int seed) {
    this.at = at;
    this.oldExponent = exponent;
    this.keep = keep;
    this.take = take;
    this.seed = seed;
    ofOwn = keep * (float) powerOfTwo(exponent);
    ofOther = take;
  }

  /** Bits of the largest number of the sum, from a column on. */
  int largestBits(int column) {
    int largest = 0;
    for (int i = at + column; i < at + dim; i++) {
      float sum = rows[i] * ofOwn + others[i] * ofOther;
      largest = Math.max(largest, Float.floatToRawIntBits(sum) & MAGNITUDE);
    }
    return largest;
  }

  /**
   * Chooses the unit.
   *
   * @return whether floats are good enough
   */
  boolean scale(int largestBits) {
    float largest = Float.intBitsToFloat(largestBits);
    // With the smaller part of a row goes what is rounded.
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

  /** As Math.scalb of 1, which takes longer than the rest of a row. */
  static double powerOfTwo(int exponent) {
    return Double.longBitsToDouble((long) (exponent + Double.MAX_EXPONENT) << 52);
  }

  private static int exponent(double largest) {
    return Math.max(LEAST_EXPONENT, Math.getExponent(largest / LARGEST) + 1);
  }

  /** Makes the row the sum, from a column on. */
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

  /** A number from -1/2 to 1/2. */
  private float chance(int column) {
    return chance(seed, column);
  }

  /** The same of a row with these random bits. */
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

  /** Chooses the unit and makes the row the sum, in doubles. */
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

  /** In the range of floats; 0 for what is no number. */
  private double sum(int column, double unit) {
    double sum = keep * (rows[at + column] * unit) + (double) take * others[at + column];
    return sum == sum ? Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum)) : 0;
  }
}
