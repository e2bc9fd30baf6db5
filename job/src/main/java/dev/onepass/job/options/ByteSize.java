// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.flink.configuration.MemorySize;

/**
 * Sizes in bytes, written with a unit: {@code 128KiB}, {@code 128 kb}, {@code 1MiB}, {@code 131072
 * B}. A kilobyte has 1 024 bytes.
 *
 * <p>{@link MemorySize} reads them, but it does not know the units with an "i" and takes numbers
 * without a unit, which options refuse.
 */
public final class ByteSize {

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private static final Pattern BINARY_UNIT = Pattern.compile("(?<=[kmgt])ib$");

  private ByteSize() {}

  /**
   * Reads a size.
   *
   * @return bytes, from 0 to 2^31 - 1
   * @throws BadValueException if the text is not a size, has no unit, or means 2 GiB or more
   */
  public static int parse(String text) throws BadValueException {
    String size = text.trim().toLowerCase(Locale.ROOT);
    if (NUMBER.matcher(size).matches()) {
      throw new BadValueException(
          "a size needs a unit; write for example %sKiB, or %sB for bytes".formatted(size, size));
    }
    long bytes;
    try {
      bytes = MemorySize.parseBytes(BINARY_UNIT.matcher(size).replaceFirst("b"));
    } catch (IllegalArgumentException e) {
      throw new BadValueException("write a whole number and a unit, for example 128KiB");
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new BadValueException("a size must be less than 2 GiB");
    }
    return (int) bytes;
  }

  /** Writes a size in the largest unit that divides it. */
  public static String format(long bytes) {
    String[] units = {"GiB", "MiB", "KiB"};
    for (int i = 0; i < units.length; i++) {
      long size = 1L << (10 * (units.length - i));
      if (bytes >= size && bytes % size == 0) {
        return bytes / size + units[i];
      }
    }
    return bytes + "B";
  }
}
