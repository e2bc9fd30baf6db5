// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.format.fields.RecordKey;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.metrics.ClockOffset;
import dev.onepass.operators.metrics.OnepassMetrics;
import dev.onepass.operators.ordering.EventTime;
import java.time.Clock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes records into events. Emits refused records to {@link SideOutputs#DEAD_LETTERS}, and holes
 * to {@link #HOLES}.
 *
 * <p>In event-time order, also checks timestamps against the worker's clock. At each checkpoint,
 * compares that clock with the job manager's.
 */
public final class DecodeFunction extends ProcessFunction<RawRecord, Event>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  /** Side output of the holes among the records. */
  public static final OutputTag<RawRecord> HOLES = new OutputTag<>("holes", FlowTypes.RAW_RECORD);

  /** The kinds of records. */
  public enum Kind {
    /** Records of the tokens topic: add, retract, forget. */
    TOKENS,
    /** Records of the queries topic. */
    QUERIES
  }

  private final Kind kind;
  private final RecordFormat format;
  private final Heads heads;
  private final int maxVectors;
  private final EventTime eventTime;

  // The system clock, the only one outside tests, is serializable.
  @SuppressWarnings("serial")
  private final Clock clock;

  private transient RecordReader reader;
  private transient Counter refused;
  private transient ClockOffset offset;

  /**
   * @param kind kind of the records
   * @param format format of the records
   * @param heads declared heads
   * @param maxVectors maximum number of query vectors in one query
   * @param eventTime settings of event-time order; null if records apply as they arrive
   * @param clock serializable clock of the worker
   */
  public DecodeFunction(
      Kind kind,
      RecordFormat format,
      Heads heads,
      int maxVectors,
      EventTime eventTime,
      Clock clock) {
    this.kind = kind;
    this.format = format;
    this.heads = heads;
    this.maxVectors = maxVectors;
    this.eventTime = eventTime;
    this.clock = clock;
  }

  /** Creates a decoder for a job whose records apply as they arrive. */
  public DecodeFunction(Kind kind, RecordFormat format, Heads heads, int maxVectors) {
    this(kind, format, heads, maxVectors, null, Clock.systemUTC());
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    // There is no state. The interface is for snapshotState.
  }

  @Override
  public void open(OpenContext context) {
    reader = format.reader(heads, maxVectors);
    refused = OnepassMetrics.refused(getRuntimeContext().getMetricGroup());
    offset = new ClockOffset(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    offset.compare(context.getCheckpointTimestamp(), clock.millis());
  }

  @Override
  public void processElement(RawRecord origin, Context context, Collector<Event> out) {
    if (Hole.is(origin)) {
      context.output(HOLES, origin);
      return;
    }
    try {
      checkTimestamp(origin);
      String sequence = RecordKey.sequence(origin.key());
      if (kind == Kind.QUERIES) {
        if (origin.value() == null) {
          throw new BadRecordException("record value: missing");
        }
        out.collect(reader.query(sequence, origin));
      } else if (origin.value() == null) {
        for (String head : heads.names()) {
          out.collect(new Event.Forget(new SequenceKey(head, sequence, 0), origin));
        }
      } else {
        out.collect(reader.token(sequence, origin));
      }
    } catch (BadRecordException e) {
      refused.inc();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(origin, e.getMessage()));
    }
  }

  private void checkTimestamp(RawRecord origin) throws BadRecordException {
    String refusal =
        eventTime == null ? null : eventTime.refusal(origin.timestamp(), clock.millis());
    if (refusal != null) {
      throw new BadRecordException(refusal);
    }
  }
}
