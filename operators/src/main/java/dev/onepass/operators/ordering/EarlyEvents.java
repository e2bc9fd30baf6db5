// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.EventSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * The state of the order by event time. The current key has a list of events for each timestamp,
 * which is appended to and read once. The subtask has the time up to which events were emitted.
 */
public final class EarlyEvents {

  /** Describes the state of the events of a timestamp. */
  public static ListStateDescriptor<Event> eventsState() {
    return new ListStateDescriptor<>("early-events", EventSerializer.INSTANCE);
  }

  /** Describes the state of the time that each subtask has passed, a union list. */
  public static ListStateDescriptor<Long> passedState() {
    return new ListStateDescriptor<>("passed", LongSerializer.INSTANCE);
  }

  /**
   * Limit on the bytes of a list, because all events of a timestamp are read into memory at once.
   * Only a clock that stands still produces more.
   */
  public static final long MOST_OF_A_TIMESTAMP = 64L << 20;

  /** Number of lists whose bytes are cached. A list that grows is always among the last used. */
  private static final int LISTS = 10_000;

  private record ListKey(Object key, long timestamp) {}

  private final Map<ListKey, Long> bytesOfLists =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ListKey, Long> eldest) {
          return size() > LISTS;
        }
      };

  private final KeyedStateBackend<?> backend;
  private final ListState<Long> passed;

  /** Opens the states of a keyed operator. */
  public EarlyEvents(KeyedStateBackend<?> backend, OperatorStateStore operatorState)
      throws Exception {
    this.backend = backend;
    passed = operatorState.getUnionListState(passedState());
  }

  /**
   * Returns the time that all subtasks had passed. This is the lowest of their times, so that no
   * event is late that one of them would have taken. Barriers find equal times in all subtasks,
   * except in unaligned checkpoints and after idle inputs. If even the lowest time is after the
   * latest possible time, a wrong timestamp was stored, so the time is unknown and no event is
   * late.
   *
   * @param latest latest possible time, in epoch milliseconds
   * @return the time in epoch milliseconds, or {@link Long#MIN_VALUE} if it is unknown
   */
  public long passed(long latest) throws Exception {
    long lowest = Long.MAX_VALUE;
    for (long one : passed.get()) {
      lowest = Math.min(lowest, one);
    }
    return lowest > latest ? Long.MIN_VALUE : lowest;
  }

  /** Writes the time that this subtask has passed, in epoch milliseconds. */
  public void putPassed(long timestamp) throws Exception {
    passed.update(List.of(timestamp));
  }

  private ListKey list(long timestamp) {
    return new ListKey(backend.getCurrentKey(), timestamp);
  }

  /**
   * Adds an event of the current key.
   *
   * @return false if the event was not added, because it exceeds {@link #MOST_OF_A_TIMESTAMP}
   */
  public boolean add(long timestamp, Event event) {
    ListKey list = list(timestamp);
    long bytes = bytesOfLists.getOrDefault(list, 0L) + EventSize.of(event);
    if (bytes > MOST_OF_A_TIMESTAMP) {
      return false;
    }
    bytesOfLists.put(list, bytes);
    try {
      events(timestamp).add(event);
      return true;
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write early events", e);
    }
  }

  /** Removes and returns the current key's events of a timestamp, unsorted. */
  public List<Event> take(long timestamp) {
    bytesOfLists.remove(list(timestamp));
    try {
      ListState<Event> state = events(timestamp);
      List<Event> events = new ArrayList<>();
      Iterable<Event> stored = state.get();
      if (stored != null) {
        stored.forEach(events::add);
      }
      state.clear();
      return events;
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot read early events", e);
    }
  }

  private ListState<Event> events(long timestamp) throws Exception {
    return backend.getPartitionedState(timestamp, LongSerializer.INSTANCE, eventsState());
  }
}
