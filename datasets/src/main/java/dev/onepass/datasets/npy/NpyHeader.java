// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.npy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a file in NumPy's format says about its numbers, which follow in C order.
 *
 * @param type for example {@code <f4}
 * @param shape the length of each dimension
 */
record NpyHeader(String type, List<Integer> shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*False");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\(\\s*(\\d{1,9}\\s*(?:,\\s*\\d{1,9}\\s*)*),?\\s*\\)");

  /**
   * Reads the header, after which the numbers begin.
   *
   * @throws IOException if the file is something else; the message says what
   */
  static NpyHeader read(DataInputStream in, Path file) throws IOException {
    String header = text(in, file);
    Matcher type = TYPE.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!type.find() || !shape.find() || !ORDER.matcher(header).find()) {
      throw new IOException(file + " is not an array in C order: " + header.strip());
    }
    return new NpyHeader(
        type.group(1),
        Stream.of(shape.group(1).split(",")).map(String::strip).map(Integer::valueOf).toList());
  }

  private static String text(DataInputStream in, Path file) throws IOException {
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

  /** Reads numbers of a width in bytes. */
  static ByteBuffer numbers(InputStream in, Path file, long count, int width) throws IOException {
    if (count * width > Integer.MAX_VALUE) {
      throw new IOException(file + " has more values than fit into one array");
    }
    byte[] bytes = in.readNBytes((int) count * width);
    if (bytes.length < count * width) {
      throw new IOException(file + " is shorter than its header says");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
