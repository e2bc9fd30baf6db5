package dev.onepass.bench.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A number of bytes as options write it.
 *
 * @param text as it was given
 * @param bytes at least 1
 */
public record StateSize(String text, int bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,10})\\s*(|b|kib|mib|gib)");
  private static final Map<String, Long> UNITS =
      Map.of("", 1L, "b", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30);

  public static StateSize parse(String text) {
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw new TypeConversionException(
          "'%s' is no size; write for example 128KiB".formatted(text));
    }
    long bytes = Long.parseLong(form.group(1)) * UNITS.get(form.group(2));
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      throw new TypeConversionException(
          "'%s' does not lie between 1 byte and 2 GiB".formatted(text));
    }
    return new StateSize(text.strip(), (int) bytes);
  }

  @Override
  public String toString() {
    return text;
  }

  /** For the command line. */
  public static final class Converter implements ITypeConverter<StateSize> {
    @Override
    public StateSize convert(String value) {
      return parse(value);
    }
  }
}
