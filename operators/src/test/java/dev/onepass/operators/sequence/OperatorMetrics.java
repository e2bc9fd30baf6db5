package dev.onepass.operators.sequence;

import java.lang.reflect.Field;
import java.util.Map;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/** Finds what an operator has registered; Flink's groups show that to reporters only. */
public final class OperatorMetrics {

  private OperatorMetrics() {}

  /**
   * A metric by its path below the group {@code onepass}: names of groups, values of labels being
   * groups too, and its own name.
   */
  @SuppressWarnings("unchecked")
  public static <M extends Metric> M of(
      AbstractStreamOperatorTestHarness<?> harness, String... path) {
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
    return (M) metric;
  }

  private static Map<?, ?> children(Object group, String field) {
    try {
      Field map = AbstractMetricGroup.class.getDeclaredField(field);
      map.setAccessible(true);
      return (Map<?, ?>) map.get(group);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
