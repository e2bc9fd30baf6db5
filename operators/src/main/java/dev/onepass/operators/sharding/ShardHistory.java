package dev.onepass.operators.sharding;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * The most shards that sequences have had under any options of the job: what a sequence put into a
 * shard stays there when its options change, and whoever asks it must ask that shard too.
 *
 * <p>All subtasks know the same, so it is broadcast state. A union list would do as well, but not
 * beside a source: of the subtasks of a source that is stopped with a savepoint, some may have
 * finished when the savepoint passes them and some not, and Flink fails such a savepoint where
 * there is a union list.
 */
public final class ShardHistory {

  /** Name and format: shards by sequence, or by {@link Sharding#ALL}. */
  public static MapStateDescriptor<String, Integer> shardsState() {
    return new MapStateDescriptor<>(
        "most-shards", StringSerializer.INSTANCE, IntSerializer.INSTANCE);
  }

  /** As older savepoints have it, a union list: number of shards, a space, and the sequence. */
  public static ListStateDescriptor<String> formerState() {
    return new ListStateDescriptor<>("shards", StringSerializer.INSTANCE);
  }

  private final Map<String, Integer> most = new HashMap<>();

  /** Takes up what the job has had so far, adds the present options, and writes both. */
  public ShardHistory(FunctionInitializationContext context, Sharding present) throws Exception {
    OperatorStateStore states = context.getOperatorStateStore();
    BroadcastState<String, Integer> state = states.getBroadcastState(shardsState());
    for (Map.Entry<String, Integer> entry : state.immutableEntries()) {
      put(entry.getKey(), entry.getValue());
    }
    if (states.getRegisteredStateNames().contains(formerState().getName())) {
      ListState<String> former = states.getUnionListState(formerState());
      for (String entry : former.get()) {
        int space = entry.indexOf(' ');
        put(entry.substring(space + 1), Integer.parseInt(entry.substring(0, space)));
      }
      // Every subtask was given all of it, and would write all of it again.
      former.clear();
    }
    present.sequences().forEach(sequence -> put(sequence, present.count()));
    state.putAll(most);
  }

  private void put(String sequence, int count) {
    most.merge(sequence, count, Math::max);
  }

  /** The most shards that this sequence has had. */
  public int of(String sequence) {
    return most.isEmpty()
        ? 1
        : Math.max(most.getOrDefault(sequence, 1), most.getOrDefault(Sharding.ALL, 1));
  }
}
