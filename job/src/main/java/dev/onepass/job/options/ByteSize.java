package dev.onepass.job.options;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes in bytes, written with a unit: {@code 128KiB}, {@code 128 kb}, {@code 1MiB}, {@code 131072
 * B}. A kilobyte has 1 024 bytes. Flink's {@code MemorySize} does not know {@code KiB} and takes
 * numbers without a unit.
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
   * Reads a size.
   *
   * @return bytes, from 0 to 2^31 - 1
   * @throws BadValueException if the text is not a size, has no unit, or means 2 GiB or more
   */
  public static int parse(String text) throws BadValueException {
    Matcher form = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (form.matches() && form.group(2).isEmpty()) {
      throw new BadValueException(
          "a size needs a unit; write for example %sKiB, or %sB for bytes"
              .formatted(form.group(1), form.group(1)));
    }
    if (!form.matches() || !UNITS.containsKey(form.group(2))) {
      throw new BadValueException("write a whole number and a unit, for example 128KiB");
    }
    long number = Long.parseLong(form.group(1));
    long unit = UNITS.get(form.group(2));
    if (number > Integer.MAX_VALUE / unit) {
      throw new BadValueException("a size must be less than 2 GiB");
    }
    return (int) (number * unit);
  }

  /** Writes a size in the largest unit that divides it. */
  public static String format(long bytes) {
    for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
      long size = UNITS.get(unit.toLowerCase(Locale.ROOT));
      if (bytes >= size && bytes % size == 0) {
        return bytes / size + unit;
      }
    }
    return bytes + "B";
  }
}
