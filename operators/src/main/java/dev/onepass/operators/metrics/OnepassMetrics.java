// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The metric group of Onepass in an operator, and the counter that many operators share. */
public final class OnepassMetrics {

  private static final String GROUP = "onepass";

  private static final String REFUSED = "refused";

  private OnepassMetrics() {}

  /**
   * Returns the group {@code onepass} of an operator, which later calls return again.
   *
   * @param operator group of the operator, as Flink provides it
   */
  public static MetricGroup group(MetricGroup operator) {
    return operator.addGroup(GROUP);
  }

  /**
   * Registers the counter {@code onepass.refused}: records that the operator turned into dead
   * letters. Each operator registers it once.
   *
   * @param operator group of the operator, as Flink provides it
   */
  public static Counter refused(MetricGroup operator) {
    return group(operator).counter(REFUSED);
  }
}
