package dev.onepass.job.options;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** Options with their types, and the sentences about those that are wrong. */
final class OptionValues {

  /** Longer times mean for ever, and sums of them would overflow. */
  static final Duration LONGEST = Duration.ofDays(36_500);

  private final Map<String, String> options;
  private final Configuration config;
  private final List<String> problems = new ArrayList<>();

  OptionValues(Map<String, String> options) {
    this.options = options;
    this.config = Configuration.fromMap(options);
  }

  /** The options as they were given. */
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

  List<String> problems() {
    return problems;
  }

  /** The option's value; its default, which may be null, if the value is not understood. */
  <T> T of(ConfigOption<T> option) {
    try {
      return config.get(option);
    } catch (IllegalArgumentException e) {
      complain(
          "%s: '%s' is not understood: %s"
              .formatted(option.key(), options.get(option.key()), rootMessage(e)));
      return option.defaultValue();
    }
  }

  <T> T of(ConfigOption<T> option, Predicate<T> rule, String sentence) {
    T value = of(option);
    if (value != null && !rule.test(value)) {
      complain("%s %s, not %s".formatted(option.key(), sentence, options.get(option.key())));
      return option.defaultValue();
    }
    return value;
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

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
