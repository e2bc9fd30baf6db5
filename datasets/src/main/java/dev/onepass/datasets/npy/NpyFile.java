// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A matrix read from a file in NumPy's format: little-endian float16 or float32, row-major.
 *
 * @param rows rows read
 * @param columns floats of a row
 * @param values rows x columns
 */
public record NpyFile(int rows, int columns, float[] values) {
  /**
   * Reads the first rows of a file, or all of them if it has fewer.
   *
   * @throws IOException if the file cannot be read or holds something else; the message says what
   */
  public static NpyFile read(Path file, int atMost) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      NpyHeader header = NpyHeader.read(in, file);
      if (header.shape().size() != 2) {
        throw new IOException(file + " is not a matrix; its shape is " + header.shape());
      }
      int width =
          switch (header.type()) {
            case "<f2" -> Short.BYTES;
            case "<f4" -> Float.BYTES;
            default ->
                throw new IOException(
                    file + " holds " + header.type() + ", not float16 or float32 (<f2, <f4)");
          };
      int rows = Math.min(atMost, header.shape().get(0));
      int columns = header.shape().get(1);
      return new NpyFile(rows, columns, floats(in, file, (long) rows * columns, width));
    }
  }

  private static float[] floats(InputStream in, Path file, long count, int width)
      throws IOException {
    ByteBuffer buffer = NpyHeader.numbers(in, file, count, width);
    float[] floats = new float[(int) count];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = width == Float.BYTES ? buffer.getFloat() : Half.toFloat(buffer.getShort());
    }
    return floats;
  }
}
