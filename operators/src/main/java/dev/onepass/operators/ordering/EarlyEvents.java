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
 * The state of the order by event time: for the current key a list of events for each timestamp,
 * which is only appended to and read once, and for the subtask how far the order has come.
 */
public final class EarlyEvents {

  /** Name and format of the events of one timestamp. */
  public static ListStateDescriptor<Event> eventsState() {
    return new ListStateDescriptor<>("early-events", EventSerializer.INSTANCE);
  }

  /** Name and format of how far each subtask came, a union list. */
  public static ListStateDescriptor<Long> passedState() {
    return new ListStateDescriptor<>("passed", LongSerializer.INSTANCE);
  }

  /**
   * Bytes of one list: what waits for one timestamp is read into memory at once. More come only
   * from a clock that stands still.
   */
  public static final long MOST_OF_A_TIMESTAMP = 64L << 20;

  /** Lists whose bytes are known; a list that grows is among those touched last. */
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
   * How far all subtasks had come, in epoch milliseconds: the lowest, since an event that one of
   * them would have taken must not be lost. Barriers find them equal, but for unaligned checkpoints
   * and inputs that were idle. Where even that lies beyond the latest that can be, a wrong
   * timestamp has been taken for how far they came, and nobody knows: nothing is late then.
   *
   * @param latest that can be, in epoch milliseconds
   * @return {@link Long#MIN_VALUE} where nobody knows
   */
  public long passed(long latest) throws Exception {
    long lowest = Long.MAX_VALUE;
    for (long one : passed.get()) {
      lowest = Math.min(lowest, one);
    }
    return lowest > latest ? Long.MIN_VALUE : lowest;
  }

  /** Writes how far this subtask came. */
  public void putPassed(long timestamp) throws Exception {
    passed.update(List.of(timestamp));
  }

  private ListKey list(long timestamp) {
    return new ListKey(backend.getCurrentKey(), timestamp);
  }

  /**
   * Adds an event of the current key.
   *
   * @return false if {@link #MOST_OF_A_TIMESTAMP} leaves no room for it; it is not added then
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

  /** Takes away the current key's events of a timestamp, in no order. */
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
