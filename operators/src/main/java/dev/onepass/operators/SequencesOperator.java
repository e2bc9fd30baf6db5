package dev.onepass.operators;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import java.util.List;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;

/**
 * Runs {@link SequenceFunction}. A function may touch the state of its record's key alone; the
 * operator lends it its own means to write what it holds of other sequences, before a checkpoint.
 */
final class SequencesOperator
    extends CoBroadcastWithKeyedOperator<SequenceKey, Event, RawRecord, Reply> {
  private static final long serialVersionUID = 1L;

  SequencesOperator(SequenceOptions options, AnchorsTopic anchorsTopic) {
    super(new SequenceFunction(options, anchorsTopic), List.of(SequenceFunction.anchorSetsState()));
  }

  @Override
  public void open() throws Exception {
    ((SequenceFunction) userFunction).keys(this);
    super.open();
  }

  /** Writes what the function holds back. */
  void writeBack() {
    ((SequenceFunction) userFunction).writeBack();
  }
}
