package dev.onepass.job.options;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of bytes as people write them: {@code 131072}, {@code 128KiB}, {@code 128 kb}, {@code
 * 1MiB}.
 */
public final class ByteSize {

  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([a-z]*)");

  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
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
   * @throws IllegalArgumentException if the text is no size or more than an int holds
   */
  public static int parse(String text) {
    Matcher form = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (!form.matches() || !UNITS.containsKey(form.group(2))) {
      throw new IllegalArgumentException("'" + text + "' is no size; write for example 128KiB");
    }
    long number = Long.parseLong(form.group(1));
    long unit = UNITS.get(form.group(2));
    if (number > Integer.MAX_VALUE / unit) {
      throw new IllegalArgumentException("'" + text + "' is more than 2 GiB");
    }
    return (int) (number * unit);
  }
}
