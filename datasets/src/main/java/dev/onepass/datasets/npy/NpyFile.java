// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A matrix read from a file in NumPy's format: little-endian float16 or float32, row-major.
 *
 * @param rows rows read
 * @param columns floats of a row
 * @param values rows x columns
 */
public record NpyFile(int rows, int columns, float[] values) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*False");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\(\\s*(\\d{1,9})\\s*,\\s*(\\d{1,9})\\s*,?\\s*\\)");

  /**
   * Reads the first rows of a file, or all of them if it has fewer.
   *
   * @throws IOException if the file cannot be read or holds something else; the message says what
   */
  public static NpyFile read(Path file, int atMost) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      String header = header(in, file);
      Matcher type = TYPE.matcher(header);
      Matcher shape = SHAPE.matcher(header);
      if (!type.find() || !shape.find() || !ORDER.matcher(header).find()) {
        throw new IOException(file + " is not a matrix in C order: " + header.strip());
      }
      int width =
          switch (type.group(1)) {
            case "<f2" -> Short.BYTES;
            case "<f4" -> Float.BYTES;
            default ->
                throw new IOException(
                    file + " holds " + type.group(1) + ", not float16 or float32 (<f2, <f4)");
          };
      int rows = Math.min(atMost, Integer.parseInt(shape.group(1)));
      int columns = Integer.parseInt(shape.group(2));
      return new NpyFile(rows, columns, floats(in, file, (long) rows * columns, width));
    }
  }

  private static String header(DataInputStream in, Path file) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(MAGIC, Arrays.copyOf(start, MAGIC.length))) {
      throw new IOException(file + " is not in NumPy's format");
    }
    int major = start[MAGIC.length];
    int length =
        major == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.reverseBytes(in.readInt());
    if (length < 0 || length > 1 << 20) {
      throw new IOException(file + " has a header length that is out of range");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static float[] floats(InputStream in, Path file, long count, int width)
      throws IOException {
    if (count * width > Integer.MAX_VALUE) {
      throw new IOException(file + " has more values than fit into one array");
    }
    byte[] bytes = in.readNBytes((int) count * width);
    if (bytes.length < count * width) {
      throw new IOException(file + " is shorter than its header says");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[(int) count];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = width == Float.BYTES ? buffer.getFloat() : half(buffer.getShort());
    }
    return floats;
  }

  /** Converts IEEE 754 binary16 to a float. Java has a method for this only since version 20. */
  static float half(short bits) {
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
