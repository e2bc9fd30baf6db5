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
 * Turns records into events. What cannot be taken leaves through {@link SideOutputs#DEAD_LETTERS}
 * and nothing else is lost. What was lost before it was read leaves through {@link #HOLES}.
 *
 * <p>In event-time order a record's timestamp is a field like others. At each checkpoint the
 * worker's clock, which tells which timestamps can be, is compared with the job manager's.
 */
public final class DecodeFunction extends ProcessFunction<RawRecord, Event>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  /** Side output of the holes among the records, as the source gave them out. */
  public static final OutputTag<RawRecord> HOLES = new OutputTag<>("holes", FlowTypes.RAW_RECORD);

  /** Which topic's records are decoded. */
  public enum Kind {
    /** Tokens, retractions, forgetting. */
    TOKENS,
    /** Queries. */
    QUERIES
  }

  private final Kind kind;
  private final RecordFormat format;
  private final Heads heads;
  private final int maxVectors;
  private final EventTime eventTime;
  private final Clock clock;

  private transient RecordReader reader;
  private transient Counter refused;
  private transient ClockOffset offset;

  /**
   * A decoder.
   *
   * @param kind of records
   * @param format of the records
   * @param heads declared heads
   * @param maxVectors most vectors of one query record
   * @param eventTime which timestamps are taken; null takes any, where records apply as they arrive
   * @param clock of the worker; it goes to the workers with the job, so it has to be serializable
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

  /** A decoder of a job that takes records as they arrive. */
  public DecodeFunction(Kind kind, RecordFormat format, Heads heads, int maxVectors) {
    this(kind, format, heads, maxVectors, null, Clock.systemUTC());
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    // There is none.
  }

  @Override
  public void open(OpenContext context) {
    reader = format.reader(heads, maxVectors);
    refused = getRuntimeContext().getMetricGroup().addGroup("onepass").counter("refused");
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
