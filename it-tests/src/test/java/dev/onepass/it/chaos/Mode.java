// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.util.Map;

/** Delivery guarantee of answers. */
enum Mode {
  AT_LEAST_ONCE("at-least-once"),
  EXACTLY_ONCE("exactly-once");

  private final String option;

  Mode(String option) {
    this.option = option;
  }

  /** Returns the value of the option {@code kafka.delivery-guarantee}, as the table shows it. */
  @Override
  public String toString() {
    return option;
  }

  /**
   * Returns the job options of this guarantee.
   *
   * @param prefix prefix of the job's transactional ids
   */
  Map<String, String> options(String prefix) {
    return this == EXACTLY_ONCE
        ? Map.of("kafka.delivery-guarantee", option, "kafka.transactional-id-prefix", prefix)
        : Map.of("kafka.delivery-guarantee", option);
  }
}
