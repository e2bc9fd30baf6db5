// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.Shadows;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.metrics.SequenceMetrics;
import dev.onepass.operators.sequence.store.CachedSequenceStore;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.operators.sharding.Shards;
import java.util.Map;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;

/**
 * What the turns of all sequences of a subtask share.
 *
 * @param heads the declared heads by name
 */
record Subtask(
    SequenceOptions options,
    Map<String, DeclaredHead> heads,
    CachedSequenceStore store,
    WaitingEvents waiting,
    Preparations preparations,
    Holes holes,
    Shadows shadows,
    SequenceMetrics metrics) {

  /**
   * Refuses an event. A shard's refusal of a query that is put to all shards becomes one dead
   * letter when the parts are merged.
   *
   * @param accepted tokens that the sequence has accepted
   */
  void refuse(
      Event event,
      long accepted,
      String reason,
      KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>.ReadOnlyContext context) {
    if (Shards.refuse(event, accepted, reason, context::output)) {
      metrics.countRefused();
    }
  }
}
