// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.operators.metrics.OnepassMetrics;
import java.time.Clock;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of a source subtask: lost records, and how far it is behind. */
final class SourceMetrics {

  private final Counter lostRecords;
  private final Counter topicsRecreated;

  SourceMetrics(MetricGroup operator, Behind behind, Clock clock) {
    MetricGroup group = OnepassMetrics.group(operator);
    lostRecords = group.counter("lostRecords");
    topicsRecreated = group.counter("topicsMadeAnew");
    group.gauge("recordsBehindHighWatermark", (Gauge<Long>) behind::records);
    group.gauge(
        "openTransactionMillis", (Gauge<Long>) () -> behind.openTransactionMillis(clock.millis()));
  }

  /** Counts records that were deleted before they were read. */
  void lost(long records) {
    lostRecords.inc(records);
  }

  /** Counts a topic that was deleted and created again. */
  void topicRecreated() {
    topicsRecreated.inc();
  }
}
