// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import java.lang.reflect.Field;
import java.util.Map;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/** Finds metrics of an operator; Flink's groups show them to reporters only. */
public final class OperatorMetrics {

  private OperatorMetrics() {}

  /**
   * Returns a metric by its path below the group {@code onepass}: names of groups, with values of
   * labels as groups, and the metric's name.
   */
  public static <M extends Metric> M of(
      Class<M> type, AbstractStreamOperatorTestHarness<?> harness, String... path) {
    Object group =
        children(((AbstractStreamOperator<?>) harness.getOperator()).getMetricGroup(), "groups")
            .get("onepass");
    for (int i = 0; i < path.length - 1; i++) {
      group = children(group, "groups").get(path[i]);
    }
    Object metric = children(group, "metrics").get(path[path.length - 1]);
    if (metric == null) {
      throw new AssertionError("no metric " + String.join(".", path));
    }
    return type.cast(metric);
  }

  private static Map<?, ?> children(Object group, String field) {
    try {
      Field map = AbstractMetricGroup.class.getDeclaredField(field);
      map.setAccessible(true);
      return (Map<?, ?>) map.get(group);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
