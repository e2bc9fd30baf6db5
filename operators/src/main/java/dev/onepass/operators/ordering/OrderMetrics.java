// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.metrics.OnepassMetrics;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of the operator that orders by event time. */
public final class OrderMetrics {

  private final Counter late;
  private final Counter refused;

  /**
   * Registers the metrics.
   *
   * @param operator group of the operator, as Flink provides it
   */
  public OrderMetrics(MetricGroup operator) {
    late = OnepassMetrics.group(operator).counter("late");
    refused = OnepassMetrics.refused(operator);
  }

  /** Counts an event that was refused because it came too late. */
  public void countLate() {
    late.inc();
    refused.inc();
  }

  /** Counts an event that was refused for another reason. */
  public void countRefused() {
    refused.inc();
  }
}
