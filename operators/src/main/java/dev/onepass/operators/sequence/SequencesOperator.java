package dev.onepass.operators.sequence;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.sequence.store.ManagedSequenceStore;
import java.util.List;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;

/**
 * Runs {@link SequenceFunction}. A function may touch the state of its record's key alone; the
 * operator lends it its own means to write what it holds of other sequences, before a checkpoint,
 * and tells it of the sequences it has where no checkpoint knows how many they are.
 */
public final class SequencesOperator
    extends CoBroadcastWithKeyedOperator<SequenceKey, Event, RawRecord, Reply> {
  private static final long serialVersionUID = 1L;

  public SequencesOperator(SequenceOptions options, AnchorsTopic anchorsTopic) {
    this(new SequenceFunction(options, anchorsTopic));
  }

  public SequencesOperator(SequenceFunction function) {
    super(function, List.of(SequenceFunction.anchorSetsState(), Holes.state()));
  }

  @Override
  public void open() throws Exception {
    function().keys(this);
    super.open();
    function().takeUpWaiting(getKeyedStateBackend());
    if (!function().knowsItsSequences()) {
      ManagedSequenceStore.forEachHeader(getKeyedStateBackend(), function()::countSequence);
    }
  }

  /** Writes what the function holds back. */
  void writeBack() {
    function().writeBack();
  }

  private SequenceFunction function() {
    return (SequenceFunction) userFunction;
  }
}
