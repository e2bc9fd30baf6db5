// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.EventSize;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.KeyContext;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * The waiting events of a subtask's sequences: queries that wait for tokens, and events that wait
 * for work in the background.
 *
 * <p>Each event is one entry of a map in state. Its key is a number that rises within the sequence,
 * so adding, reading and removing an event has the same cost however many wait. A second map is the
 * index, which is also kept on the heap for all sequences: some hundred bytes per event, which
 * {@link EventSize} counts.
 */
public final class WaitingEvents {

  /** Returns the name and format of the events. */
  public static MapStateDescriptor<Long, Event> eventsState() {
    return new MapStateDescriptor<>(
        "waiting-events", LongSerializer.INSTANCE, EventSerializer.INSTANCE);
  }

  /** Returns the name and format of the index. */
  public static MapStateDescriptor<Long, WaitingEntry> indexState() {
    return new MapStateDescriptor<>(
        "waiting-index", LongSerializer.INSTANCE, WaitingEntrySerializer.INSTANCE);
  }

  private final MapState<Long, Event> events;
  private final MapState<Long, WaitingEntry> index;
  private final KeyContext keys;
  private final long maxSequenceBytes;
  private final long maxTaskBytes;
  private final Map<SequenceKey, WaitingOrder> bySequence = new HashMap<>();
  private long bytes;

  /**
   * Opens the states of a keyed function.
   *
   * @param keys sets the key whose state is read and written
   * @param maxSequenceBytes largest size of the events of one sequence
   * @param maxTaskBytes largest size of all events of the subtask
   */
  public WaitingEvents(
      RuntimeContext context, KeyContext keys, long maxSequenceBytes, long maxTaskBytes) {
    events = context.getMapState(eventsState());
    index = context.getMapState(indexState());
    this.keys = keys;
    this.maxSequenceBytes = maxSequenceBytes;
    this.maxTaskBytes = maxTaskBytes;
  }

  /** Takes up the events that wait in a restored state. */
  public void takeUp(KeyedStateBackend<SequenceKey> backend) throws Exception {
    backend.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        indexState(),
        (key, restored) -> {
          for (Map.Entry<Long, WaitingEntry> entry : restored.entries()) {
            insert(key, entry.getKey(), entry.getValue());
          }
        });
  }

  /** Passes the number of queries that wait for tokens to a reader, sequence by sequence. */
  public void forEachSequence(ObjIntConsumer<SequenceKey> reader) {
    bySequence.forEach((key, order) -> reader.accept(key, order.queries()));
  }

  /** Returns whether nothing waits in any sequence of the subtask. */
  public boolean isEmpty() {
    return bySequence.isEmpty();
  }

  /** Returns the bytes of all waiting events that count towards the bounds. */
  public long bytes() {
    return bytes;
  }

  /** Returns the order of the current key's waiting events; an empty one if none waits. */
  public WaitingOrder order() {
    WaitingOrder order = bySequence.get((SequenceKey) keys.getCurrentKey());
    return order == null ? WaitingOrder.EMPTY : order;
  }

  /** Returns whether the bounds leave room for one more event of the current key. */
  public boolean hasRoom(Event event) {
    int more = EventSize.of(event);
    return order().bytes() + more <= maxSequenceBytes && bytes + more <= maxTaskBytes;
  }

  /**
   * Adds a query that waits for tokens.
   *
   * @param deadline processing time in epoch milliseconds at which it is answered over the tokens
   *     so far
   */
  public void addQuery(Event.Query query, long deadline) {
    WaitingEntry entry =
        query.spread() == null
            ? new WaitingEntry(Reason.TOKENS, query.asOf(), deadline, EventSize.of(query))
            : new WaitingEntry(Reason.SHARE, query.spread().asOf(), deadline, EventSize.of(query));
    add(query, entry);
  }

  /** Adds an event behind the events that wait for their turn. */
  public void addTurn(Event event, Reason reason) {
    add(event, new WaitingEntry(reason, 0, Long.MAX_VALUE, EventSize.of(event)));
  }

  private void add(Event event, WaitingEntry entry) {
    SequenceKey key = (SequenceKey) keys.getCurrentKey();
    long number = order().nextNumber();
    writing(() -> events.put(number, event));
    writing(() -> index.put(number, entry));
    insert(key, number, entry);
  }

  private void insert(SequenceKey key, long number, WaitingEntry entry) {
    bySequence.computeIfAbsent(key, any -> new WaitingOrder()).add(number, entry);
    bytes += entry.bytes();
  }

  /** Makes a query that waited for tokens wait to be answered; it keeps its place. */
  public void turn(long number, Waited waited) {
    WaitingOrder order = order();
    WaitingEntry turn = order.entry(number).inTurn(waited);
    order.remove(number);
    order.add(number, turn);
    writing(() -> index.put(number, turn));
  }

  /** Reads an event. */
  public Event event(long number) {
    try {
      return events.get(number);
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot read a waiting event", e);
    }
  }

  /** Removes an event. */
  public void remove(long number) {
    WaitingOrder order = order();
    bytes -= order.entry(number).bytes();
    order.remove(number);
    if (order.isEmpty()) {
      bySequence.remove((SequenceKey) keys.getCurrentKey());
      events.clear();
      index.clear();
      return;
    }
    writing(() -> events.remove(number));
    writing(() -> index.remove(number));
  }

  private interface Write {
    void run() throws Exception;
  }

  private static void writing(Write write) {
    try {
      write.run();
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write waiting events", e);
    }
  }
}
