// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Metrics that several readers can register one after the other. Flink keeps the first metric of a
 * name and ignores later ones, so the counts of a second reader would be lost. Here a counter
 * continues, and a gauge shows the value registered last.
 */
class RenewableMetrics implements MetricGroup {

  private final MetricGroup group;
  private final Map<String, Object> metrics = new HashMap<>();
  private final Map<String, Latest<?>> gauges = new HashMap<>();
  private final Map<String, RenewableMetrics> groups = new HashMap<>();

  RenewableMetrics(MetricGroup group) {
    this.group = group;
  }

  /** A gauge that delegates to another gauge, which may change. */
  private static final class Latest<T> implements Gauge<T> {
    private volatile Gauge<T> gauge;

    @Override
    public T getValue() {
      return gauge.getValue();
    }
  }

  @SuppressWarnings("unchecked") // Each name has one type.
  final synchronized <T> void renew(String name, Gauge<T> gauge, Consumer<Gauge<T>> register) {
    Latest<T> latest = (Latest<T>) gauges.get(name);
    if (latest != null) {
      latest.gauge = gauge;
      return;
    }
    latest = new Latest<>();
    latest.gauge = gauge;
    gauges.put(name, latest);
    register.accept(latest);
  }

  @SuppressWarnings("unchecked") // Each name has one type.
  private synchronized <M> M once(String name, Supplier<M> register) {
    return (M) metrics.computeIfAbsent(name, same -> register.get());
  }

  private synchronized MetricGroup groupOnce(String name, Supplier<MetricGroup> add) {
    return groups.computeIfAbsent(name, same -> new RenewableMetrics(add.get()));
  }

  @Override
  public Counter counter(String name) {
    return once(name, () -> group.counter(name));
  }

  @Override
  public <C extends Counter> C counter(String name, C counter) {
    return once(name, () -> group.counter(name, counter));
  }

  @Override
  public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
    renew(name, gauge, latest -> group.gauge(name, latest));
    return gauge;
  }

  @Override
  public <H extends Histogram> H histogram(String name, H histogram) {
    return once(name, () -> group.histogram(name, histogram));
  }

  @Override
  public <M extends Meter> M meter(String name, M meter) {
    return once(name, () -> group.meter(name, meter));
  }

  @Override
  public MetricGroup addGroup(String name) {
    return groupOnce(name, () -> group.addGroup(name));
  }

  @Override
  public MetricGroup addGroup(String key, String value) {
    return groupOnce(key + "=" + value, () -> group.addGroup(key, value));
  }

  @Override
  public String[] getScopeComponents() {
    return group.getScopeComponents();
  }

  @Override
  public Map<String, String> getAllVariables() {
    return group.getAllVariables();
  }

  @Override
  public String getMetricIdentifier(String name) {
    return group.getMetricIdentifier(name);
  }

  @Override
  public String getMetricIdentifier(String name, CharacterFilter filter) {
    return group.getMetricIdentifier(name, filter);
  }
}
