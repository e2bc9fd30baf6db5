// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads vectors of little-endian int32 from files in NumPy's format. */
public final class NpyInts {
  private NpyInts() {}

  /**
   * Reads the first numbers of a file, or all of them if it has fewer.
   *
   * @throws IOException if the file cannot be read or holds something else; the message says what
   */
  public static int[] read(Path file, int atMost) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      NpyHeader header = NpyHeader.read(in, file);
      if (!header.type().equals("<i4") || header.shape().size() != 1) {
        throw new IOException(
            "%s holds %s of shape %s, not a vector of int32 (<i4)"
                .formatted(file, header.type(), header.shape()));
      }
      int[] ints = new int[Math.min(atMost, header.shape().get(0))];
      ByteBuffer numbers = NpyHeader.numbers(in, file, ints.length, Integer.BYTES);
      numbers.asIntBuffer().get(ints);
      return ints;
    }
  }
}
