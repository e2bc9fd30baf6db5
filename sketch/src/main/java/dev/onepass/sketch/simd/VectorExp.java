// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The exponential function by range reduction (Cody and Waite, Software Manual for the Elementary
 * Functions, 1980): {@code exp(x) = 2^k exp(r)} with k = round(x / ln 2) and {@code |r| <= ln 2 /
 * 2}, where the Taylor series of exp is cut off below half a unit in the last place. k is added to
 * a number so large that its last bits hold k, and is shifted from there into the exponent. If the
 * exponent underflows, the result is 0 and not a denormal number.
 *
 * <p>It uses only additions and multiplications, so results depend neither on the number of lanes
 * nor on the machine, unlike those of {@link VectorOperators#EXP}.
 */
final class VectorExp {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private static final double LOG2_E = 1 / Math.log(2);

  /** First part of ln 2, with so few bits that its product with k is exact. */
  private static final float LN2_HIGH = 0x1.62e4p-1f;

  private static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

  private static final double LONG_LN2_HIGH = 0x1.62e42feep-1;

  /** Second part of ln 2, which includes bits beyond double precision. */
  private static final double LONG_LN2_LOW = 0x1.a39ef35793c76p-33;

  /** Makes room for k, and adds the bias of exponents. */
  private static final float SHIFTER = 0x1.8p23f + Float.MAX_EXPONENT;

  private static final double LONG_SHIFTER = 0x1.8p52 + Double.MAX_EXPONENT;

  /** Bits of the number at which exp of its negative is 2^-127, where the exponent underflows. */
  private static final int NOTHING_LEFT = Float.floatToRawIntBits(88.03f);

  /** Number whose exp is 2^-1023, where the exponent underflows. */
  private static final double LONG_NOTHING_LEFT = -709.1;

  /** Number whose exp is 2^1024, whose exponent means infinity. */
  private static final double LONG_INFINITE = 710;

  private VectorExp() {}

  /**
   * Computes {@code x = exp(x - most)} for whole vectors to a relative error of 2e-7; 0 if x is at
   * least 87.7 below {@code most}.
   *
   * @param count a multiple of the number of lanes
   * @param most at least the largest of the numbers
   * @param lanes receives one sum per lane
   */
  static void ofDifferences(float[] x, int from, int count, float most, float[] lanes) {
    FloatVector mosts = FloatVector.broadcast(FLOATS, most);
    FloatVector minusLog2E = FloatVector.broadcast(FLOATS, (float) -LOG2_E);
    FloatVector shifter = FloatVector.broadcast(FLOATS, SHIFTER);
    FloatVector ln2Low = FloatVector.broadcast(FLOATS, LN2_LOW);
    FloatVector ln2High = FloatVector.broadcast(FLOATS, LN2_HIGH);
    FloatVector c7 = FloatVector.broadcast(FLOATS, -1f / 5040);
    FloatVector c6 = FloatVector.broadcast(FLOATS, 1f / 720);
    FloatVector c5 = FloatVector.broadcast(FLOATS, -1f / 120);
    FloatVector c4 = FloatVector.broadcast(FLOATS, 1f / 24);
    FloatVector c3 = FloatVector.broadcast(FLOATS, -1f / 6);
    FloatVector c2 = FloatVector.broadcast(FLOATS, 1f / 2);
    FloatVector c1 = FloatVector.broadcast(FLOATS, -1f);
    FloatVector c0 = FloatVector.broadcast(FLOATS, 1f);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = from; i < from + count; i += FLOATS.length()) {
      // Non-negative floats have the order of their bits, and comparing bits is faster.
      FloatVector cut =
          mosts
              .sub(FloatVector.fromArray(FLOATS, x, i))
              .reinterpretAsInts()
              .lanewise(VectorOperators.MIN, NOTHING_LEFT)
              .reinterpretAsFloats();
      FloatVector shifted = cut.fma(minusLog2E, shifter);
      FloatVector k = shifted.sub(shifter);
      FloatVector minusR = k.fma(ln2Low, k.fma(ln2High, cut));
      FloatVector series = c7.fma(minusR, c6).fma(minusR, c5).fma(minusR, c4).fma(minusR, c3);
      series = series.fma(minusR, c2).fma(minusR, c1).fma(minusR, c0);
      FloatVector power =
          series.mul(
              shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      power.intoArray(x, i);
      sum = power.add(sum);
    }
    FloatVector.zero(FLOATS).add(sum).intoArray(lanes, 0);
  }

  /**
   * Computes {@code x = exp(x - shift)} for whole vectors to one or two units in the last place; 0
   * if x is at least 708.8 below {@code shift}.
   *
   * @param count a multiple of the number of lanes
   */
  static void ofDifferences(double[] x, int count, double shift) {
    for (int i = 0; i < count; i += DOUBLES.length()) {
      DoubleVector cut =
          DoubleVector.fromArray(DOUBLES, x, i)
              .sub(constant(shift))
              .max(constant(LONG_NOTHING_LEFT))
              .min(constant(LONG_INFINITE));
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
      series
          .mul(
              shifted
                  .reinterpretAsLongs()
                  .lanewise(VectorOperators.LSHL, 52)
                  .reinterpretAsDoubles())
          .intoArray(x, i);
    }
  }

  private static DoubleVector constant(double x) {
    return DoubleVector.broadcast(DOUBLES, x);
  }
}
