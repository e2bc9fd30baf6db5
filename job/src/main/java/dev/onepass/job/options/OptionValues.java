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

/**
 * Options with their types, and the sentences about those that are wrong. White space around a
 * value is not part of it, except in {@code kafka.properties.*}; a value that is nothing else is
 * refused.
 */
final class OptionValues {

  /** Longer times mean for ever, and sums of them would overflow. */
  static final Duration LONGEST = Duration.ofDays(36_500);

  private final Map<String, String> options = new LinkedHashMap<>();
  private final Set<String> blank = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  OptionValues(Map<String, String> options) {
    options.forEach(this::take);
  }

  private void take(String name, String text) {
    if (text.isBlank() && !KafkaPropertiesCheck.mayBeEmpty(name)) {
      blank.add(name);
      complain(Shown.name(name) + " has no value: set one, or leave the option out");
    } else {
      boolean asItIs = name.startsWith(OnepassOptions.KAFKA_PROPERTIES);
      options.put(name, asItIs ? text : text.strip());
    }
  }

  /** The options as they were given, without those that have no value. */
  Map<String, String> given() {
    return options;
  }

  boolean isGiven(ConfigOption<?> option) {
    return options.containsKey(option.key());
  }

  /** Options shared by several heads are read for each of them and complained about once. */
  void complain(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /** Says that a needed option is missing, unless it stands there without a value. */
  void complainMissing(ConfigOption<?> option, String sentence) {
    if (!blank.contains(option.key())) {
      complain(option.key() + " is missing: " + sentence);
    }
  }

  List<String> problems() {
    return problems;
  }

  /** The option's value; its default, which may be null, if the value is not understood. */
  <T> T of(ConfigOption<T> option) {
    return isGiven(option) ? of(option.key(), option) : option.defaultValue();
  }

  /** The value of a given option that has the type of another one; that one's default if wrong. */
  @SuppressWarnings("unchecked") // The type is that of the field that holds the option.
  <T> T of(String name, ConfigOption<T> like) {
    String text = options.get(name);
    try {
      return (T) ValueForm.read(OnepassOptions.typeOf(like), text);
    } catch (IllegalArgumentException e) {
      complain("%s: %s is not understood: %s".formatted(name, Shown.quoted(text), e.getMessage()));
      return like.defaultValue();
    }
  }

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

  /** A whole number from least to most. */
  int whole(ConfigOption<Integer> option, int least, int most) {
    return of(
        option,
        number -> number >= least && number <= most,
        "must lie in %d..%d".formatted(least, most));
  }

  /** A time of at least a millisecond. */
  Duration time(ConfigOption<Duration> option) {
    return time(option, LONGEST);
  }

  Duration time(ConfigOption<Duration> option, Duration longest) {
    return of(
        option,
        time -> time.compareTo(Duration.ofMillis(1)) >= 0 && time.compareTo(longest) <= 0,
        "must lie between 1 ms and %d d".formatted(longest.toDays()));
  }

  /** A size from least to most bytes; the default where it is none. */
  int size(ConfigOption<String> option, int least, int most) {
    Integer size = size(option.key(), of(option), least, most);
    return size == null ? ByteSize.parse(option.defaultValue()) : size;
  }

  /** The size that the text of an option means; null where it means none from least to most. */
  Integer size(String name, String text, int least, int most) {
    try {
      int bytes = ByteSize.parse(text);
      if (bytes >= least && bytes <= most) {
        return bytes;
      }
      complain(
          "%s: %s is too %s; set %s to %s"
              .formatted(
                  name,
                  Shown.quoted(text),
                  bytes < least ? "little" : "much",
                  ByteSize.format(least),
                  ByteSize.format(most)));
    } catch (IllegalArgumentException e) {
      complain(name + ": " + e.getMessage());
    }
    return null;
  }
}
