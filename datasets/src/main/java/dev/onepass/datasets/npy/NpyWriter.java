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
      short half = Half.of((float) (values[i] * factor));
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
}
