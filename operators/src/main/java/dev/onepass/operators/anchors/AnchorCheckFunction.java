package dev.onepass.operators.anchors;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets records of the anchors topic through that hold a set of a declared head; the others leave
 * through {@link SideOutputs#DEAD_LETTERS}.
 *
 * <p>A record without a value only tells Kafka to drop the head from the compacted topic. It is
 * passed over: sequences go on with the sets they have.
 */
public final class AnchorCheckFunction extends ProcessFunction<RawRecord, RawRecord> {
  private static final long serialVersionUID = 1L;

  private final List<HeadSpec> heads;
  private final long factorBytes;

  private transient AnchorRecords records;
  private transient Counter refused;

  /**
   * Lets sets of the declared heads through.
   *
   * @param factorBytes bytes of the largest factor that a set may need
   */
  public AnchorCheckFunction(List<HeadSpec> heads, long factorBytes) {
    this.heads = List.copyOf(heads);
    this.factorBytes = factorBytes;
  }

  @Override
  public void open(OpenContext context) {
    records = new AnchorRecords(heads, factorBytes);
    refused = getRuntimeContext().getMetricGroup().addGroup("onepass").counter("refused");
  }

  @Override
  public void processElement(RawRecord record, Context context, Collector<RawRecord> out) {
    if (record.key() != null && record.value() == null) {
      return;
    }
    try {
      records.read(record);
      out.collect(record);
    } catch (IllegalArgumentException e) {
      refused.inc();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(record, e.getMessage()));
    }
  }
}
