// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.sketch.sequence.Decay;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a half-life: a duration with a unit, or a number of tokens. */
final class HalfLife implements ITypeConverter<Decay> {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d+)\\s*([a-z]*)");

  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  /** Longest half-life, in milliseconds or tokens: nothing decays within any stream. */
  private static final BigInteger LONGEST = BigInteger.ONE.shiftLeft(53);

  @Override
  public Decay convert(String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value.strip());
    String unit = matcher.matches() ? matcher.group(2) : "";
    if (!matcher.matches() || !(unit.isEmpty() || MILLIS.containsKey(unit))) {
      throw new TypeConversionException(
          "'%s' is neither a duration such as 10m, with one of the units ms, s, m, h and d, nor a number of tokens such as 8192"
              .formatted(value));
    }
    BigInteger halfLife =
        new BigInteger(matcher.group(1))
            .multiply(BigInteger.valueOf(MILLIS.getOrDefault(unit, 1L)));
    if (halfLife.signum() == 0 || halfLife.compareTo(LONGEST) > 0) {
      throw new TypeConversionException(
          "'%s' is not between 1 and 2^53 %s"
              .formatted(value, unit.isEmpty() ? "tokens" : "milliseconds"));
    }
    return new Decay(halfLife.longValueExact(), unit.isEmpty());
  }

  /** Returns a half-life in words. */
  static String words(Decay decay) {
    if (decay.byTokens()) {
      return decay.halfLife() + " tokens";
    }
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      if (decay.halfLife() % MILLIS.get(unit) == 0) {
        return decay.halfLife() / MILLIS.get(unit) + " " + unit;
      }
    }
    return decay.halfLife() + " ms";
  }
}
