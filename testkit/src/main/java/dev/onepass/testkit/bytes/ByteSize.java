// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.bytes;

import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.flink.configuration.MemorySize;

/** Numbers of bytes as text. */
public final class ByteSize {
  /** Flink's units of 1 024 bytes have no "i". */
  private static final Pattern BINARY_UNIT = Pattern.compile("(?i)([kmg])ib\\s*$");

  private ByteSize() {}

  /**
   * Reads {@code 128KiB}, {@code 2 MiB} or a plain number of bytes.
   *
   * @throws IllegalArgumentException if the text is not a size; the message says what to write
   */
  public static long parse(String text) {
    try {
      return MemorySize.parse(BINARY_UNIT.matcher(text).replaceFirst("$1b")).getBytes();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a size; write for example 128KiB".formatted(text), e);
    }
  }

  /** Formats bytes with one decimal and a binary unit: {@code 73.9 KiB}. */
  public static String format(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    double amount = bytes / 1024.0;
    int unit = 0;
    while (amount >= 1024 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", amount, units[unit]);
  }
}
