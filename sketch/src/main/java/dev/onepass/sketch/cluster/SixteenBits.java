// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.simd.RowRounding;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Rows of floats that 16 bits a number represent exactly: whole multiples, up to {@value #LARGEST},
 * of a power of two that suits the largest number of the row. Rows are floats in memory. They are
 * rounded whenever they change, so that a sketch and its bytes agree.
 *
 * <p>Sums are rounded at random, right on average (stochastic rounding; Croci et al., Royal Society
 * Open Science 9, 2022). The mean of n tokens that deviate by s units deviates by about sqrt(s / 2)
 * units through rounding, for any n, because early rounding fades as the mean changes. That is less
 * than 100 of 32 767 units.
 *
 * <p>Bytes: exponents of the units (rows x i1), numbers (i2 each).
 */
final class SixteenBits {

  /** The largest number, in units. */
  private static final int LARGEST = Short.MAX_VALUE;

  private SixteenBits() {}

  /** Returns the bytes of a number of rows with a total of {@code numbers} numbers. */
  static long bytes(long rows, long numbers) {
    return rows + Short.BYTES * numbers;
  }

  /** Gives the length of each row. */
  interface Lengths {
    int of(int row);
  }

  /** Writes rounded rows. */
  static void write(WireWriter out, float[] rows, int count, Lengths lengths) {
    int[] exponents = new int[count];
    int numbers = 0;
    for (int r = 0; r < count; r++) {
      exponents[r] = RowRounding.exponent(rows, numbers, lengths.of(r));
      out.putByte(exponents[r]);
      numbers += lengths.of(r);
    }
    short[] shorts = new short[numbers];
    for (int r = 0, i = 0; r < count; r++) {
      float perUnit = RowRounding.unit(-exponents[r]);
      for (int end = i + lengths.of(r); i < end; i++) {
        shorts[i] = (short) (rows[i] * perUnit);
      }
    }
    out.putShorts(shorts);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CorruptSketchException if the bytes are too few or are not rounded rows
   */
  static void read(WireReader in, float[] rows, int count, Lengths lengths) {
    byte[] exponents = in.getBytes(count);
    int numbers = 0;
    for (int r = 0; r < count; r++) {
      numbers += lengths.of(r);
    }
    short[] shorts = new short[numbers];
    in.getShorts(shorts);
    for (int r = 0, i = 0; r < count; r++) {
      float unit = RowRounding.unit(exponents[r]);
      int largest = 0;
      for (int end = i + lengths.of(r); i < end; i++) {
        largest = Math.max(largest, Math.abs(shorts[i]));
        rows[i] = shorts[i] * unit;
      }
      if (largest > LARGEST) {
        throw new CorruptSketchException(
            "expected numbers of at most %d units in size, got %d".formatted(LARGEST, largest));
      }
      if (RowRounding.exponent((double) largest * unit) != exponents[r]) {
        throw new CorruptSketchException(
            "exponent of a row: expected %d, got %d"
                .formatted(RowRounding.exponent((double) largest * unit), exponents[r]));
      }
    }
  }
}
