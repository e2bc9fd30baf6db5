// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * The highest number of shards that each sequence has had under any options of the job. The tokens
 * of a sequence stay in their shards when the options change, so queries must go to those shards
 * too.
 *
 * <p>All subtasks hold the same numbers, so they are broadcast state. A union list is not possible
 * in the task of a source: when a source is stopped with a savepoint, some of its subtasks may have
 * finished before the savepoint reaches them, and Flink fails such a savepoint if there is a union
 * list.
 */
public final class ShardHistory {

  /** Describes the state: number of shards by sequence, or by {@link ShardOptions#ALL}. */
  public static MapStateDescriptor<String, Integer> shardsState() {
    return new MapStateDescriptor<>(
        "most-shards", StringSerializer.INSTANCE, IntSerializer.INSTANCE);
  }

  /** Describes the union list of older savepoints: number of shards, a space, and the sequence. */
  public static ListStateDescriptor<String> formerState() {
    return new ListStateDescriptor<>("shards", StringSerializer.INSTANCE);
  }

  private final Map<String, Integer> most = new HashMap<>();

  /**
   * Restores the numbers, raises them to those of the present options, and writes them.
   *
   * @param context state of the function
   * @param present present options
   */
  public ShardHistory(FunctionInitializationContext context, ShardOptions present)
      throws Exception {
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
      // Every subtask received the whole list, and would write the whole list again.
      former.clear();
    }
    present.sequences().forEach(sequence -> put(sequence, present.count()));
    state.putAll(most);
  }

  private void put(String sequence, int count) {
    most.merge(sequence, count, Math::max);
  }

  /** Returns the highest number of shards that a sequence has had, at least 1. */
  public int of(String sequence) {
    return most.isEmpty()
        ? 1
        : Math.max(most.getOrDefault(sequence, 1), most.getOrDefault(ShardOptions.ALL, 1));
  }
}
