// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Keeps the census of a subtask across restarts. The state holds the counts with their range of key
 * groups. A subtask that starts with the same range restores them. A subtask with another range,
 * after rescaling, or with an older savepoint without counts must count the headers once.
 *
 * <p>Every subtask receives the counts of all subtasks, so each knows which anchor sets the
 * sequences of the whole job had adopted at the checkpoint.
 */
public final class HeadCounts {

  /** Describes the state of the counts, a union list. */
  public static ListStateDescriptor<HeadCount> countsState() {
    return new ListStateDescriptor<>("sequence-counts", HeadCountSerializer.INSTANCE);
  }

  private final Census census = new Census();
  private final ListState<HeadCount> state;
  private final KeyGroupRange mine;
  private final boolean complete;
  private final AdoptedVersions adopted;

  /** Restores the counts of this subtask's range of key groups from the checkpoint. */
  public HeadCounts(FunctionInitializationContext context, RuntimeContext runtime)
      throws Exception {
    TaskInfo task = runtime.getTaskInfo();
    mine =
        KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
            task.getMaxNumberOfParallelSubtasks(),
            task.getNumberOfParallelSubtasks(),
            task.getIndexOfThisSubtask());
    state = context.getOperatorStateStore().getUnionListState(countsState());
    List<HeadCount> ofAll = new ArrayList<>();
    state.get().forEach(ofAll::add);
    List<HeadCount> known = ofAll.stream().filter(this::isMine).toList();
    known.stream()
        .filter(count -> !count.head().equals(HeadCount.NO_HEAD))
        .forEach(count -> census.of(count.head()).add(count.total(), count.adopted()));
    complete = !known.isEmpty() || !context.isRestored();
    adopted =
        context.isRestored()
            ? AdoptedVersions.of(ofAll, task.getMaxNumberOfParallelSubtasks())
            : AdoptedVersions.NONE;
  }

  /**
   * Returns whether a count is for this subtask; counts of older savepoints lack adopted versions.
   */
  private boolean isMine(HeadCount count) {
    return count.adopted() != null
        && count.firstKeyGroup() == mine.getStartKeyGroup()
        && count.lastKeyGroup() == mine.getEndKeyGroup();
  }

  /** Returns the anchor sets that the sequences of all subtasks had adopted at the checkpoint. */
  public AdoptedVersions adopted() {
    return adopted;
  }

  /** Returns the census of the subtask. */
  public Census census() {
    return census;
  }

  /**
   * Returns whether the census is complete; otherwise the headers of all sequences must be added.
   */
  public boolean isComplete() {
    return complete;
  }

  /** Writes the counts. Called before each checkpoint. */
  public void snapshot() throws Exception {
    state.clear();
    for (Map.Entry<String, Population> head : census.heads().entrySet()) {
      state.add(
          new HeadCount(
              mine.getStartKeyGroup(),
              mine.getEndKeyGroup(),
              head.getKey(),
              head.getValue().total(),
              head.getValue().adopted()));
    }
    if (census.heads().isEmpty()) {
      state.add(HeadCount.none(mine.getStartKeyGroup(), mine.getEndKeyGroup()));
    }
  }
}
