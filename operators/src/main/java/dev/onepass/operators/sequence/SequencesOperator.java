// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.anchors.AnchorSetSerializer;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.holes.Holes;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.operators.KeyContext;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * Folds the tokens of each sequence and answers its queries, in the order of their arrival.
 *
 * <p>A query sees every token that was accepted before it. A query with an {@code as_of} that is
 * not reached waits in state, and is answered by the token that reaches it, by its timeout, or when
 * its sequence is forgotten or expires; the last three answers are marked {@code timed_out}.
 *
 * <p>The broadcast input brings records of the anchors topic, each a version of what all sequences
 * of a head share. A sequence adopts the current version when it leaves exact mode and keeps it.
 * The broadcast input also brings the holes of the tokens topic: answers say whether they may lack
 * tokens because of them.
 *
 * <p>A query that is put to all shards of a sequence is answered with this shard's part, through
 * {@link SideOutputs#PARTS}. Records that are refused leave through {@link
 * SideOutputs#DEAD_LETTERS}.
 */
public final class SequencesOperator
    extends CoBroadcastWithKeyedOperator<SequenceKey, Event, RawRecord, Reply> {
  private static final long serialVersionUID = 1L;

  /** Returns the name and format of the broadcast state: anchor sets by head and version. */
  public static MapStateDescriptor<String, StoredAnchorSet> anchorSetsState() {
    return new MapStateDescriptor<>(
        "anchor-sets", StringSerializer.INSTANCE, AnchorSetSerializer.INSTANCE);
  }

  /** Creates the operator of the declared heads. */
  public SequencesOperator(SequenceOptions options, AnchorsTopic anchorsTopic) {
    this(options, anchorsTopic, Preparations::oneThread);
  }

  /** Creates the operator with an executor of its own for work in the background. */
  SequencesOperator(
      SequenceOptions options,
      AnchorsTopic anchorsTopic,
      SerializableSupplier<ExecutorService> preparationWorker) {
    this(new KeyedState(), options, anchorsTopic, preparationWorker);
  }

  private SequencesOperator(
      KeyedState keyedState,
      SequenceOptions options,
      AnchorsTopic anchorsTopic,
      SerializableSupplier<ExecutorService> preparationWorker) {
    super(
        new SequenceFunction(keyedState, options, anchorsTopic, preparationWorker),
        List.of(anchorSetsState(), Holes.state()));
    keyedState.operator = this;
  }

  /**
   * The operator's access to the state of all keys, for its function, which otherwise may touch the
   * state of its record's key alone: the cache writes several sequences before a checkpoint.
   */
  static final class KeyedState implements KeyContext, Serializable {
    private static final long serialVersionUID = 1L;

    private SequencesOperator operator;

    private KeyedState() {}

    @Override
    public void setCurrentKey(Object key) {
      operator.setCurrentKey(key);
    }

    @Override
    public Object getCurrentKey() {
      return operator.getCurrentKey();
    }

    KeyedStateBackend<SequenceKey> backend() {
      return operator.getKeyedStateBackend();
    }
  }

  /** Writes what the cache holds to the state backend, for tests that read it there. */
  void writeBack() {
    ((SequenceFunction) userFunction).writeBack();
  }
}
