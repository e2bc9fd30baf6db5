// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import java.util.Locale;

/** Formats numbers and trends for verdicts. */
final class Words {
  private static final double FLAT_EXPONENT = 0.15;

  private Words() {}

  /** Formats text independently of the locale of the machine. */
  static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** Describes whether a power of n falls, rises or stays constant. */
  static String trend(double exponent) {
    if (exponent < -FLAT_EXPONENT) {
      return text("falls (as n^%.2f)", exponent);
    }
    return exponent > FLAT_EXPONENT ? text("rises (as n^%.2f)", exponent) : "stays constant";
  }

  /** Formats bytes, for example 1024 as "1.0 KiB". */
  static String bytes(double bytes) {
    return bytes < 1 << 20
        ? text("%.1f KiB", bytes / (1 << 10))
        : text("%.1f MiB", bytes / (1 << 20));
  }
}
