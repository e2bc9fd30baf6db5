// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

/** Conversions of 16-bit floats, IEEE 754 binary16. Java has methods for them since version 20. */
public final class Half {

  private Half() {}

  /** Converts a float to the nearest IEEE 754 binary16, ties to even, infinity from 65520 on. */
  public static short of(float x) {
    int sign = Float.floatToRawIntBits(x) >>> 16 & 0x8000;
    if (Float.isNaN(x)) {
      return (short) (sign | 0x7e00);
    }
    float size = Math.abs(x);
    if (size >= 65_520) {
      return (short) (sign | 0x7c00);
    }
    int exponent = Math.max(-14, Math.getExponent(size));
    // In units of the last place; a carry correctly increments the exponent's bits.
    int units = (int) Math.rint(Math.scalb((double) size, 10 - exponent));
    return (short) (sign | (units + ((exponent + 14) << 10)));
  }

  /** Converts IEEE 754 binary16 to a float. */
  public static float toFloat(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
