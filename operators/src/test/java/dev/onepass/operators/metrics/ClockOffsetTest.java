// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {
  private final Registered group = new Registered();
  private final ClockOffset offset = new ClockOffset(group);

  /** A metric group that stores the gauge. */
  private static final class Registered extends UnregisteredMetricsGroup {
    private String path = "";
    private Gauge<?> gauge;

    @Override
    public MetricGroup addGroup(String name) {
      path += name + ".";
      return this;
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G metric) {
      path += name;
      gauge = metric;
      return metric;
    }
  }

  private void checkpoints(long... late) {
    for (long difference : late) {
      offset.compare(1_000_000, 1_000_000 + difference);
    }
  }

  private Object gauge() {
    return group.gauge.getValue();
  }

  @Test
  void theGaugeIsInTheGroupOfOnepass() {
    assertThat(group.path).isEqualTo("onepass.clockOffsetMillis");
    assertThat((Metric) group.gauge).isNotNull();
    assertThat(gauge()).as("before the first checkpoint").isEqualTo(0L);
  }

  @Test
  void aTaskThatIsBusyAtSomeCheckpointsShowsTheRightOffset() {
    checkpoints(40_000);
    checkpoints(3, 90_000, 70_000, 80_000, 100_000, 60_000, 90_000, 75_000);
    assertThat(gauge()).isEqualTo(3L);
  }

  @Test
  void anOffsetInEitherDirectionIsShown() {
    checkpoints(-3_600_000, -3_500_000);
    assertThat(gauge()).isEqualTo(-3_600_000L);
    for (int i = 0; i < ClockOffset.NEWEST; i++) {
      checkpoints(120_000 + i);
    }
    assertThat(gauge()).as("only the newest checkpoints count").isEqualTo(120_000L);
  }
}
