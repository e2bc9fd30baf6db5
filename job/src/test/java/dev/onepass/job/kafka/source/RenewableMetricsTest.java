// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.junit.jupiter.api.Test;

class RenewableMetricsTest {

  private final MetricListener listener = new MetricListener();
  private final RenewableReaderMetrics metrics =
      new RenewableReaderMetrics(InternalSourceReaderMetricGroup.mock(listener.getMetricGroup()));

  @Test
  void aCounterContinues() {
    metrics.addGroup("g").counter("c").inc(3);
    Counter again = metrics.addGroup("g").counter("c");
    again.inc(4);
    assertThat(listener.getCounter("g", "c").orElseThrow().getCount()).isEqualTo(7);
  }

  @Test
  void aGaugeShowsTheLatest() {
    metrics.addGroup("k", "v").gauge("g", (Gauge<Integer>) () -> 1);
    metrics.addGroup("k", "v").gauge("g", (Gauge<Integer>) () -> 2);
    assertThat(listener.<Integer>getGauge("k", "v", "g").orElseThrow().getValue()).isEqualTo(2);
    metrics.setPendingRecordsGauge(() -> 5L);
    metrics.setPendingRecordsGauge(() -> 6L);
    assertThat(listener.<Long>getGauge("pendingRecords").orElseThrow().getValue()).isEqualTo(6);
  }
}
