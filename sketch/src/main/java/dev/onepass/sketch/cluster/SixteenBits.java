package dev.onepass.sketch.cluster;

import dev.onepass.sketch.simd.RowRounding;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Rows of floats that 16 bits a number hold exactly: whole multiples, up to {@value #LARGEST}, of a
 * power of two that suits the row's largest number. Rows are floats in memory and are rounded
 * whenever they change, so that a sketch and its bytes say the same.
 *
 * <p>What is summed is rounded at random, right on average (stochastic rounding; Croci et al.,
 * Royal Society Open Science 9, 2022): a mean of n tokens that deviate by s units wanders by about
 * sqrt(s / 2) units, for any n, because what was rounded early fades as the mean does. Less than a
 * hundred of 32 767 units, then.
 *
 * <p>Bytes: exponents of the units (rows x i1), numbers (i2 each).
 */
final class SixteenBits {

  /** Largest number, in units. */
  private static final int LARGEST = Short.MAX_VALUE;

  private SixteenBits() {}

  /** Bytes of so many rows of so many numbers. */
  static long bytes(long rows, long numbers) {
    return rows + Short.BYTES * numbers;
  }

  /** Lengths of rows, by their numbers. */
  interface Lengths {
    int of(int row);
  }

  /** Writes rows of which each is rounded. */
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

  /** Reads what {@link #write} wrote. */
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
        throw new CorruptSketchException("a number is below %d units".formatted(-LARGEST));
      }
      if (RowRounding.exponent((double) largest * unit) != exponents[r]) {
        throw new CorruptSketchException("a row has another exponent than its numbers need");
      }
    }
  }
}
