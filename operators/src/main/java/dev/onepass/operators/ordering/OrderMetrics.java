package dev.onepass.operators.ordering;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What the operator that orders by event time tells. */
public final class OrderMetrics {

  private final Counter late;
  private final Counter refused;

  /** Registers the metrics in the group {@code onepass} of an operator. */
  public OrderMetrics(MetricGroup operator) {
    MetricGroup group = operator.addGroup("onepass");
    late = group.counter("late");
    refused = group.counter("refused");
  }

  /** Counts an event that came too late, and was refused. */
  public void countLate() {
    late.inc();
    refused.inc();
  }

  /** Counts an event that was refused for another reason. */
  public void countRefused() {
    refused.inc();
  }
}
