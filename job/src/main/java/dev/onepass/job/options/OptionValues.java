// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * Reads option values by type and collects the problems. Strips white space around values, except
 * in {@code kafka.properties.*}, and refuses blank values.
 */
final class OptionValues {

  /** Sums of longer times could overflow. */
  static final Duration LONGEST = Duration.ofDays(36_500);

  private final Map<String, String> options = new LinkedHashMap<>();
  private final Set<String> blank = new HashSet<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  OptionValues(Map<String, String> options) {
    options.forEach(this::take);
  }

  private void take(String name, String text) {
    if (text.isBlank() && !ClientDefinitions.mayBeEmpty(name)) {
      blank.add(name);
      complain(Shown.name(name) + " has no value; set one, or remove the option");
    } else {
      boolean asItIs = name.startsWith(OnepassOptions.KAFKA_PROPERTIES);
      options.put(name, asItIs ? text : text.strip());
    }
  }

  /** Returns the options as they were given, without those that have no value. */
  Map<String, String> given() {
    return options;
  }

  boolean isGiven(ConfigOption<?> option) {
    return isGiven(option.key());
  }

  boolean isGiven(String option) {
    return options.containsKey(option);
  }

  /** Returns the name of a head's own option if that is given, or else of the common one. */
  String nameFor(String head, String ownSuffix, ConfigOption<?> common) {
    String own = OnepassOptions.HEAD + head + "." + ownSuffix;
    return isGiven(own) ? own : common.key();
  }

  /**
   * Returns the value of an option that is read like a common one; the default of that, which may
   * be null, if it is not given.
   */
  <T> T orDefault(String option, ConfigOption<T> common) {
    return isGiven(option) ? of(option, common) : common.defaultValue();
  }

  /** Adds a problem once: options that several heads share are read for each of them. */
  void complain(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /** Adds the problem that a required option is missing, unless it was given without a value. */
  void complainMissing(ConfigOption<?> option, String sentence) {
    if (!blank.contains(option.key())) {
      complain(option.key() + " is missing; " + sentence);
    }
  }

  List<String> problems() {
    return problems;
  }

  /** Adds a warning about options that are valid but risky. */
  void warn(String warning) {
    warnings.add(warning);
  }

  List<String> warnings() {
    return warnings;
  }

  /** Returns the option's value, or its default (which may be null) if the value is not valid. */
  <T> T of(ConfigOption<T> option) {
    return isGiven(option) ? of(option.key(), option) : option.defaultValue();
  }

  /**
   * Returns the value of an option that was given.
   *
   * @param name name of the option
   * @param like an option of the same type, whose default replaces a value that is not valid
   */
  @SuppressWarnings("unchecked") // The type is that of the field that holds the option.
  <T> T of(String name, ConfigOption<T> like) {
    String text = options.get(name);
    try {
      return (T) ValueForm.read(OnepassOptions.typeOf(like), text);
    } catch (BadValueException e) {
      complain("%s: %s is not valid: %s".formatted(name, Shown.quoted(text), e.getMessage()));
      return like.defaultValue();
    }
  }

  /**
   * Returns the option's value, or its default if the value breaks the rule.
   *
   * @param sentence the rule in words, beginning with a verb
   */
  <T> T of(ConfigOption<T> option, Predicate<T> rule, String sentence) {
    T value = of(option);
    if (value != null && !rule.test(value)) {
      complain(
          "%s %s, not %s"
              .formatted(
                  option.key(),
                  sentence,
                  Shown.text(options.getOrDefault(option.key(), "" + value))));
      return option.defaultValue();
    }
    return value;
  }

  /** Returns a whole number from {@code least} to {@code most}. */
  int whole(ConfigOption<Integer> option, int least, int most) {
    return of(
        option,
        number -> number >= least && number <= most,
        "must be from %d to %d".formatted(least, most));
  }

  /** Returns a time of at least a millisecond. */
  Duration time(ConfigOption<Duration> option) {
    return time(option, LONGEST);
  }

  /** Returns a time from a millisecond to {@code longest}. */
  Duration time(ConfigOption<Duration> option, Duration longest) {
    return of(
        option,
        time -> time.compareTo(Duration.ofMillis(1)) >= 0 && time.compareTo(longest) <= 0,
        "must be from 1 ms to %d d".formatted(longest.toDays()));
  }

  /** Returns a size in bytes, of less than 2 GiB. */
  int size(ConfigOption<MemorySize> option) {
    return (int) of(option).getBytes();
  }
}
