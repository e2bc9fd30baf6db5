// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes files in NumPy's format for tests. */
public final class NpyFiles {
  private NpyFiles() {}

  /** Writes a float32 matrix, given row by row. */
  public static void write(Path file, int rows, int columns, float[] values) throws IOException {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    Files.write(file, bytes("<f4", rows, columns, data.array()));
  }

  static byte[] bytes(String type, int rows, int columns, byte[] data) {
    byte[] header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }\n"
            .formatted(type, rows, columns)
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) header.length)
        .put(header)
        .put(data)
        .array();
  }
}
