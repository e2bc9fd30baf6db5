package dev.onepass.job.records;

import dev.onepass.operators.SequenceFunction;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Turns records into events. What cannot be taken leaves through {@link
 * SequenceFunction#DEAD_LETTERS} and nothing else is lost.
 */
public final class DecodeFunction extends ProcessFunction<RawRecord, Event> {
  private static final long serialVersionUID = 1L;

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

  private transient RecordReader reader;
  private transient Counter refused;

  /**
   * A decoder.
   *
   * @param kind of records
   * @param format of the records
   * @param heads declared heads
   * @param maxVectors most vectors of one query record
   */
  public DecodeFunction(Kind kind, RecordFormat format, Heads heads, int maxVectors) {
    this.kind = kind;
    this.format = format;
    this.heads = heads;
    this.maxVectors = maxVectors;
  }

  @Override
  public void open(OpenContext context) {
    reader = format.reader(heads, maxVectors);
    refused = getRuntimeContext().getMetricGroup().addGroup("onepass").counter("refused");
  }

  @Override
  public void processElement(RawRecord origin, Context context, Collector<Event> out) {
    try {
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
      context.output(SequenceFunction.DEAD_LETTERS, new DeadLetter(origin, e.getMessage()));
    }
  }
}
