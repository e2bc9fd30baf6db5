// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/** The {@link RenewableMetrics} of a source reader. */
final class RenewableReaderMetrics extends RenewableMetrics implements SourceReaderMetricGroup {

  private final SourceReaderMetricGroup reader;

  RenewableReaderMetrics(SourceReaderMetricGroup reader) {
    super(reader);
    this.reader = reader;
  }

  @Override
  public Counter getNumRecordsInErrorsCounter() {
    return reader.getNumRecordsInErrorsCounter();
  }

  @Override
  public void setPendingBytesGauge(Gauge<Long> gauge) {
    renew("pendingBytes", gauge, reader::setPendingBytesGauge);
  }

  @Override
  public void setPendingRecordsGauge(Gauge<Long> gauge) {
    renew("pendingRecords", gauge, reader::setPendingRecordsGauge);
  }

  @Override
  public OperatorIOMetricGroup getIOMetricGroup() {
    return reader.getIOMetricGroup();
  }
}
