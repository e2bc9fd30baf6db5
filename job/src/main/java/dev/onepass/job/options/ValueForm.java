// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/**
 * Reads values of the types that options have. Each type has exactly one form. Text that could mean
 * something else is refused: a time or a size without a unit, a number with leading zeros or
 * trailing characters, {@code yes} for {@code true}.
 */
final class ValueForm {

  private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]*");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*|(?=\\.))(\\.[0-9]+)?([eE][+-]?[0-9]{1,9})?");
  private static final Pattern ONLY_ZEROS = Pattern.compile("-?[0.]+([eE].*)?");
  private static final Pattern TIME = Pattern.compile("[0-9]+ *[a-z\u00b5]+|P.+");
  private static final Pattern WITHOUT_UNIT = Pattern.compile("[0-9]+");

  private ValueForm() {}

  /**
   * Reads a value.
   *
   * @param type type of the option
   * @return an object of that type
   * @throws BadValueException if the text is not a value of that type
   */
  static Object read(Class<?> type, String text) throws BadValueException {
    if (type == Integer.class) {
      return whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
    } else if (type == Long.class) {
      return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (type == Double.class) {
      return number(text);
    } else if (type == Boolean.class) {
      return oneOf(List.of(true, false), text);
    } else if (type == Duration.class) {
      return time(text);
    } else if (type == MemorySize.class) {
      return new MemorySize(ByteSize.parse(text));
    } else if (type.isEnum()) {
      return oneOf(Arrays.asList(type.getEnumConstants()), text);
    } else if (type == String.class) {
      return text;
    }
    throw new IllegalStateException("No form is defined for options of type " + type + ".");
  }

  private static Long whole(String text, long least, long most) throws BadValueException {
    if (!WHOLE.matcher(text).matches()) {
      throw new BadValueException(
          "write a whole number in digits, without leading zeros, for example 128");
    }
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The number has too many digits for either type.
    }
    throw new BadValueException("write a number from %d to %d".formatted(least, most));
  }

  private static Double number(String text) throws BadValueException {
    if (!NUMBER.matcher(text).matches() || text.isEmpty() || text.equals("-")) {
      throw new BadValueException("write a finite number in digits, for example 0.5 or 1e-3");
    }
    double value = Double.parseDouble(text);
    boolean lost = value == 0 && !ONLY_ZEROS.matcher(text).matches();
    if (lost || !Double.isFinite(value)) {
      throw new BadValueException("write a number whose magnitude is from 1e-300 to 1e300");
    }
    return value;
  }

  private static Object oneOf(List<?> values, String text) throws BadValueException {
    return values.stream()
        .filter(value -> value.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new BadValueException(
                    "write "
                        + values.stream().map(Object::toString).collect(Collectors.joining(" or "))
                        + ", in lower case"));
  }

  private static Duration time(String text) throws BadValueException {
    if (WITHOUT_UNIT.matcher(text).matches()) {
      throw new BadValueException(
          "a time needs a unit; write for example %s s".formatted(Shown.text(text)));
    }
    if (text.contains("-")) {
      throw new BadValueException("a time cannot be negative; write for example 30 s");
    }
    if (!TIME.matcher(text).matches()) {
      throw new BadValueException(
          "write a whole number and a unit, for example 500 ms, 30 s, 10 min, 12 h or 7 d");
    }
    try {
      return TimeUtils.parseDuration(text);
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new BadValueException(
          "the unit is unknown or the time is too long; write for example 500 ms, 30 s, 10 min, 12 h or 7 d");
    }
  }
}
