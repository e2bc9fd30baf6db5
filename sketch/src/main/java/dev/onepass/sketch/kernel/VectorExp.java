package dev.onepass.sketch.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * exp by the halves of a number: {@code exp(x) = 2^k exp(r)} with k = round(x / ln 2) and |r| <= ln
 * 2 / 2, where the Taylor series of exp is cut off below half a unit in the last place. k is added
 * to a number so large that its last bits hold it, from where they are shifted into an exponent;
 * where nothing is left of the exponent, the result is 0 instead of a denormal number.
 *
 * <p>Additions and multiplications alone, so results depend neither on the number of lanes nor on
 * what else a machine knows, as those of {@link VectorOperators#EXP} do.
 */
final class VectorExp {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private static final double LOG2_E = 1 / Math.log(2);

  /** ln 2 in two parts, of which the first has so few bits that k times it is exact. */
  private static final float LN2_HIGH = 0x1.62e4p-1f;

  private static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

  private static final double LONG_LN2_HIGH = 0x1.62e42feep-1;

  /** With the bits of ln 2 that are behind those of a double. */
  private static final double LONG_LN2_LOW = 0x1.a39ef35793c76p-33;

  /** Room for k, and the bias of exponents. */
  private static final float SHIFTER = 0x1.8p23f + Float.MAX_EXPONENT;

  private static final double LONG_SHIFTER = 0x1.8p52 + Double.MAX_EXPONENT;

  /** exp of minus this is 2^-127, of whose exponent nothing is left. */
  private static final int NOTHING_LEFT = Float.floatToRawIntBits(88.03f);

  /** exp is 2^-1023 here. */
  private static final double LONG_NOTHING_LEFT = -709.1;

  /** exp is 2^1024 here, whose exponent means infinity. */
  private static final double LONG_INFINITE = 710;

  private VectorExp() {}

  /**
   * {@code exp(-y)} to 2e-7 relative.
   *
   * @param y 0, above or positive infinity; from 87.7 on the result is 0
   */
  static FloatVector ofMinus(FloatVector y) {
    // Floats that are not negative are in the order of their bits; that is the faster comparison.
    FloatVector cut =
        y.reinterpretAsInts().lanewise(VectorOperators.MIN, NOTHING_LEFT).reinterpretAsFloats();
    FloatVector shifted = cut.fma(constant((float) -LOG2_E), constant(SHIFTER));
    FloatVector k = shifted.sub(constant(SHIFTER));
    FloatVector minusR = k.fma(constant(LN2_LOW), k.fma(constant(LN2_HIGH), cut));
    FloatVector series = constant(-1f / 5040);
    series = series.fma(minusR, constant(1f / 720));
    series = series.fma(minusR, constant(-1f / 120));
    series = series.fma(minusR, constant(1f / 24));
    series = series.fma(minusR, constant(-1f / 6));
    series = series.fma(minusR, constant(1f / 2));
    series = series.fma(minusR, constant(-1));
    series = series.fma(minusR, constant(1));
    return series.mul(
        shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
  }

  /**
   * {@code y = exp(-y)} for whole vectors of numbers as above. The same once more, and not a call:
   * where that method is hot before a loop about it is, it is compiled on its own and no longer
   * inlined, and each vector passed to it is an object.
   *
   * @param count a multiple of the lanes
   */
  static void ofMinus(float[] y, int count) {
    for (int i = 0; i < count; i += FLOATS.length()) {
      // Floats that are not negative are in the order of their bits; that is the faster comparison.
      FloatVector cut =
          FloatVector.fromArray(FLOATS, y, i)
              .reinterpretAsInts()
              .lanewise(VectorOperators.MIN, NOTHING_LEFT)
              .reinterpretAsFloats();
      FloatVector shifted = cut.fma(constant((float) -LOG2_E), constant(SHIFTER));
      FloatVector k = shifted.sub(constant(SHIFTER));
      FloatVector minusR = k.fma(constant(LN2_LOW), k.fma(constant(LN2_HIGH), cut));
      FloatVector series = constant(-1f / 5040);
      series = series.fma(minusR, constant(1f / 720));
      series = series.fma(minusR, constant(-1f / 120));
      series = series.fma(minusR, constant(1f / 24));
      series = series.fma(minusR, constant(-1f / 6));
      series = series.fma(minusR, constant(1f / 2));
      series = series.fma(minusR, constant(-1));
      series = series.fma(minusR, constant(1));
      series
          .mul(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
          .intoArray(y, i);
    }
  }

  private static FloatVector constant(float x) {
    return FloatVector.broadcast(FLOATS, x);
  }

  /** {@code exp(x)} to a unit in the last place or two; below -708.8 the result is 0. */
  static DoubleVector of(DoubleVector x) {
    DoubleVector cut = x.max(constant(LONG_NOTHING_LEFT)).min(constant(LONG_INFINITE));
    DoubleVector shifted = cut.fma(constant(LOG2_E), constant(LONG_SHIFTER));
    DoubleVector k = shifted.sub(constant(LONG_SHIFTER));
    DoubleVector r = k.fma(constant(-LONG_LN2_LOW), k.fma(constant(-LONG_LN2_HIGH), cut));
    DoubleVector series = constant(1.0 / 6227020800L);
    series = series.fma(r, constant(1.0 / 479001600));
    series = series.fma(r, constant(1.0 / 39916800));
    series = series.fma(r, constant(1.0 / 3628800));
    series = series.fma(r, constant(1.0 / 362880));
    series = series.fma(r, constant(1.0 / 40320));
    series = series.fma(r, constant(1.0 / 5040));
    series = series.fma(r, constant(1.0 / 720));
    series = series.fma(r, constant(1.0 / 120));
    series = series.fma(r, constant(1.0 / 24));
    series = series.fma(r, constant(1.0 / 6));
    series = series.fma(r, constant(1.0 / 2));
    series = series.fma(r, constant(1.0));
    series = series.fma(r, constant(1.0));
    return series.mul(
        shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52).reinterpretAsDoubles());
  }

  private static DoubleVector constant(double x) {
    return DoubleVector.broadcast(DOUBLES, x);
  }
}
