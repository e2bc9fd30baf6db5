// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes matrices and vectors in NumPy's format 1.0, byte for byte as NumPy does. */
public final class NpyWriter {
  private static final byte[] START = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  /** The data begins at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private NpyWriter() {}

  /**
   * Writes a float16 matrix.
   *
   * @param values rows x columns
   * @param factor multiplies each value before it is rounded
   * @throws IOException if the file cannot be written, or a value is NaN or too large for float16
   */
  public static void writeHalves(Path file, int rows, int columns, float[] values, double factor)
      throws IOException {
    byte[] header = header("<f2", rows + ", " + columns);
    int count = Math.multiplyExact(rows, columns);
    ByteBuffer buffer =
        ByteBuffer.allocate(header.length + Math.multiplyExact(count, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(header);
    for (int i = 0; i < count; i++) {
      short half = half((float) (values[i] * factor));
      if ((half & 0x7c00) == 0x7c00) {
        throw new IOException(file + " would need a number that float16 cannot hold");
      }
      buffer.putShort(half);
    }
    Files.write(file, buffer.array());
  }

  /**
   * Writes a vector of int32.
   *
   * @throws IOException if the file cannot be written
   */
  public static void writeInts(Path file, int[] values) throws IOException {
    byte[] header = header("<i4", values.length + ",");
    ByteBuffer buffer =
        ByteBuffer.allocate(
                Math.addExact(header.length, Math.multiplyExact(values.length, Integer.BYTES)))
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(header);
    buffer.asIntBuffer().put(values);
    Files.write(file, buffer.array());
  }

  private static byte[] header(String type, String shape) {
    String words =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    int prefix = START.length + Short.BYTES;
    int length = (prefix + words.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - prefix;
    String padded = words + " ".repeat(length - words.length() - 1) + "\n";
    return ByteBuffer.allocate(prefix + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(START)
        .putShort((short) length)
        .put(padded.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /**
   * Converts a float to the nearest IEEE 754 binary16, ties to even, infinity from 65520 on. Java
   * has a method for this only since version 20.
   */
  static short half(float x) {
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
}
