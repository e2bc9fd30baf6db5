// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.sequence.store.Lifetime;
import dev.onepass.operators.sequence.waiting.WaitingOrder;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * One event or timer of a sequence: the open sequence, its lifetime, its timers and its outputs.
 * Reads the state when it begins and saves it when it ends.
 */
final class Turn {

  private final Subtask subtask;
  private final SequenceKey key;
  private final DeclaredHead head;
  private final Sequence sequence;
  private final KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>.ReadOnlyContext
      context;
  private final Collector<Reply> out;
  private Lifetime lifetime;
  private boolean lifetimeChanged;
  private Footprint counted;
  private boolean prepared;

  /** Begins a turn of the current key's sequence, whose head must be declared. */
  Turn(
      Subtask subtask,
      SequenceKey key,
      KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>.ReadOnlyContext context,
      Collector<Reply> out) {
    this.subtask = subtask;
    this.key = key;
    this.context = context;
    this.out = out;
    head = subtask.heads().get(key.head());
    sequence = Sequence.open(head.spec(), subtask.store(), head.anchors(), head.foldNanos());
    lifetime = subtask.store().lifetime();
    counted = footprint();
  }

  private Footprint footprint() {
    return Footprint.of(sequence.header(), subtask.waiting().order().queries());
  }

  /** Saves the sequence and counts it. */
  void end() {
    sequence.close();
    if (lifetimeChanged) {
      subtask.store().putLifetime(lifetime);
    }
    count();
  }

  /** Counts how the sequence has changed since it was counted last. */
  void count() {
    Footprint now = footprint();
    head.metrics().countChange(counted, now);
    counted = now;
  }

  SequenceKey key() {
    return key;
  }

  DeclaredHead head() {
    return head;
  }

  Sequence sequence() {
    return sequence;
  }

  Header header() {
    return sequence.header();
  }

  /** Returns the number of shards that the sequence is kept in. */
  int shards() {
    return subtask.options().sharding().of(key.sequence());
  }

  /** Returns whether the sequence is kept in several shards. */
  boolean isSharded() {
    return shards() > 1;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  void lifetime(Lifetime changed) {
    lifetimeChanged |= !changed.equals(lifetime);
    lifetime = changed;
  }

  /** Returns the processing time in epoch milliseconds. */
  long now() {
    return context.timerService().currentProcessingTime();
  }

  void registerTimer(long time) {
    context.timerService().registerProcessingTimeTimer(time);
  }

  void deleteTimer(long time) {
    context.timerService().deleteProcessingTimeTimer(time);
  }

  /** Deletes a timer unless something else is due then: Flink keeps one for each moment. */
  void deleteTimerIfIdle(long time) {
    WaitingOrder order = subtask.waiting().order();
    if (time > 0
        && time != lifetime.expiryTimer()
        && !order.hasDeadline(time)
        && !order.isPolledAt(time)) {
      deleteTimer(time);
    }
  }

  /** Returns whether the event is taken with everything prepared that it needs. */
  boolean isPrepared() {
    return prepared;
  }

  /** Takes an event for which everything is prepared. */
  void takePrepared(Runnable event) {
    prepared = true;
    event.run();
    prepared = false;
  }

  /** Returns whether the anchor set is missing that the sequence has adopted. */
  boolean lacksAnchors() {
    return sequence.lacksAnchorSet();
  }

  /**
   * Refuses an event if the anchor set is missing that the sequence has adopted: the sketch is
   * useless without it, and so are projected keys.
   *
   * @return whether the event is refused
   */
  boolean refuseWithoutAnchors(Event event) {
    if (!lacksAnchors()) {
      return false;
    }
    refuse(
        event,
        "anchors: version %d, which this sequence adopted, is not held; publish it again, or forget the sequence"
            .formatted(header().anchorsVersion()));
    return true;
  }

  void refuse(Event event, String reason) {
    subtask.refuse(event, header().accepted(), reason, context);
  }

  void reply(Reply reply) {
    out.collect(reply);
  }

  /** Sends this shard's part of the reply to a query that is put to all shards. */
  void replyPart(Event query, boolean last, Part.Kind kind, byte[] content) {
    context.output(SideOutputs.PARTS, Shards.part(query, header().accepted(), last, kind, content));
  }
}
