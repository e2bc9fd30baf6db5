package dev.onepass.operators.state;

import dev.onepass.operators.shards.Sharding;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * The most shards that sequences have had under any options of the job: what a sequence put into a
 * shard stays there when its options change, and whoever asks it must ask that shard too.
 */
public final class ShardHistory {

  /** Name and format: number of shards, a space, and a sequence or {@link Sharding#ALL}. */
  public static ListStateDescriptor<String> shardsState() {
    return new ListStateDescriptor<>("shards", StringSerializer.INSTANCE);
  }

  private final Map<String, Integer> most = new HashMap<>();
  private final ListState<String> state;

  /** Takes up what the job has had so far, and adds the present options. */
  public ShardHistory(FunctionInitializationContext context, Sharding present) throws Exception {
    state = context.getOperatorStateStore().getUnionListState(shardsState());
    for (String entry : state.get()) {
      int space = entry.indexOf(' ');
      put(entry.substring(space + 1), Integer.parseInt(entry.substring(0, space)));
    }
    present.sequences().forEach(sequence -> put(sequence, present.count()));
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

  /** Writes the state; all subtasks know the same, so one of them does. */
  public void snapshot(int subtask) throws Exception {
    state.clear();
    if (subtask == 0) {
      for (Map.Entry<String, Integer> entry : most.entrySet()) {
        state.add(entry.getValue() + " " + entry.getKey());
      }
    }
  }
}
