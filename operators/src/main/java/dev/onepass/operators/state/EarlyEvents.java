package dev.onepass.operators.state;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import java.util.ArrayList;
import java.util.List;
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

  /** Adds an event of the current key. */
  public void add(long timestamp, Event event) {
    try {
      events(timestamp).add(event);
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write early events", e);
    }
  }

  /** Takes away the current key's events of a timestamp, in no order. */
  public List<Event> take(long timestamp) {
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
