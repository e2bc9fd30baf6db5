package dev.onepass.job.options;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of bytes as people write them, with their unit: {@code 128KiB}, {@code 128 kb}, {@code
 * 1MiB}, {@code 131072 B}.
 */
public final class ByteSize {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})\\s*([a-z]*)");

  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("b", 1L),
          Map.entry("bytes", 1L),
          Map.entry("k", 1L << 10),
          Map.entry("kb", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1L << 20),
          Map.entry("mb", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1L << 30),
          Map.entry("gb", 1L << 30),
          Map.entry("gib", 1L << 30));

  private ByteSize() {}

  /**
   * Reads a size; a kilobyte has 1 024 bytes.
   *
   * @throws IllegalArgumentException with a sentence that says what to write, if the text is no
   *     size, has no unit, or is more than an int holds
   */
  public static int parse(String text) {
    Matcher form = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (form.matches() && form.group(2).isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no unit; write for example %s KiB, or %s B for bytes"
              .formatted(Shown.quoted(text), form.group(1), form.group(1)));
    }
    if (!form.matches() || !UNITS.containsKey(form.group(2))) {
      throw new IllegalArgumentException(
          Shown.quoted(text) + " is no size; write for example 128KiB");
    }
    long number = Long.parseLong(form.group(1));
    long unit = UNITS.get(form.group(2));
    if (number > Integer.MAX_VALUE / unit) {
      throw new IllegalArgumentException(Shown.quoted(text) + " is more than 2 GiB");
    }
    return (int) (number * unit);
  }

  /** Writes a size, in the largest unit that leaves it whole. */
  static String format(long bytes) {
    for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
      long size = UNITS.get(unit.toLowerCase(Locale.ROOT));
      if (bytes >= size && bytes % size == 0) {
        return bytes / size + unit;
      }
    }
    return bytes + "B";
  }
}
