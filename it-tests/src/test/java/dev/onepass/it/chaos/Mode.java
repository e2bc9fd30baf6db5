package dev.onepass.it.chaos;

import java.util.Map;

/** How answers are delivered. */
enum Mode {
  AT_LEAST_ONCE("at-least-once"),
  EXACTLY_ONCE("exactly-once");

  private final String option;

  Mode(String option) {
    this.option = option;
  }

  /** As the option {@code kafka.delivery-guarantee} and the table have it. */
  @Override
  public String toString() {
    return option;
  }

  /** The job's options, with its own prefix of transactional ids. */
  Map<String, String> options(String prefix) {
    return this == EXACTLY_ONCE
        ? Map.of("kafka.delivery-guarantee", option, "kafka.transactional-id-prefix", prefix)
        : Map.of("kafka.delivery-guarantee", option);
  }
}
