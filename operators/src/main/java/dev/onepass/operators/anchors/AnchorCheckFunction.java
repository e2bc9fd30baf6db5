// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.metrics.OnepassMetrics;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Forwards the records of the anchors topic that hold a set of a declared head, and sends the
 * others to {@link SideOutputs#DEAD_LETTERS}.
 *
 * <p>A record without a value only tells Kafka to remove the head from the compacted topic. The
 * function skips it: sequences continue with the sets that they have.
 */
public final class AnchorCheckFunction extends ProcessFunction<RawRecord, RawRecord> {
  private static final long serialVersionUID = 1L;

  // The lists that are passed in are serializable.
  @SuppressWarnings("serial")
  private final List<HeadSpec> heads;

  private final long factorBytes;

  private transient AnchorRecords records;
  private transient Counter refused;

  /**
   * Creates a function that forwards the sets of the declared heads.
   *
   * @param heads declared heads
   * @param factorBytes limit on the bytes of the factor that a set needs for its answers
   */
  public AnchorCheckFunction(List<HeadSpec> heads, long factorBytes) {
    this.heads = List.copyOf(heads);
    this.factorBytes = factorBytes;
  }

  @Override
  public void open(OpenContext context) {
    records = new AnchorRecords(heads, factorBytes);
    refused = OnepassMetrics.refused(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(RawRecord record, Context context, Collector<RawRecord> out) {
    if (record.key() != null && record.value() == null) {
      return;
    }
    try {
      records.read(record);
      out.collect(record);
    } catch (RefusedSetException e) {
      refused.inc();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(record, e.getMessage()));
    }
  }
}
