// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

class ShardHistoryTest {

  /** Emits the number of shards that each sequence has had. */
  private static class Asked extends ProcessFunction<String, Integer>
      implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final ShardOptions sharding;
    private transient ShardHistory history;

    Asked(ShardOptions sharding) {
      this.sharding = sharding;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      history = new ShardHistory(context, sharding);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      // The history writes its state when it is created.
    }

    @Override
    public void processElement(String sequence, Context context, Collector<Integer> out) {
      out.collect(history.of(sequence));
    }
  }

  /** Writes the union list of older savepoints. */
  private static final class Former extends Asked {
    private static final long serialVersionUID = 1L;

    Former() {
      super(ShardOptions.NONE);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      context
          .getOperatorStateStore()
          .getUnionListState(ShardHistory.formerState())
          .addAll(List.of("3 hot", "2 " + ShardOptions.ALL));
    }
  }

  private static OneInputStreamOperatorTestHarness<String, Integer> start(
      Asked asked, OperatorSubtaskState state) throws Exception {
    OneInputStreamOperatorTestHarness<String, Integer> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(asked), Shards.KEY_GROUPS, 1, 0);
    harness.setup(IntSerializer.INSTANCE);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static OperatorSubtaskState checkpointOf(Asked asked, OperatorSubtaskState state)
      throws Exception {
    try (var harness = start(asked, state)) {
      return harness.snapshot(1, 1);
    }
  }

  private static List<Integer> shards(OperatorSubtaskState state, String... sequences)
      throws Exception {
    try (var harness = start(new Asked(ShardOptions.NONE), state)) {
      for (String sequence : sequences) {
        harness.processElement(sequence, 0);
      }
      return harness.extractOutputValues();
    }
  }

  @Test
  void holdsTheHighestNumberUnderAnyOptions() throws Exception {
    OperatorSubtaskState four = checkpointOf(new Asked(new ShardOptions(4, Set.of("hot"))), null);
    OperatorSubtaskState two =
        checkpointOf(new Asked(new ShardOptions(2, Set.of("hot", "b"))), four);
    assertThat(shards(two, "hot", "b", "other")).containsExactly(4, 2, 1);
  }

  @Test
  void isRestoredFromOlderSavepoints() throws Exception {
    OperatorSubtaskState former = checkpointOf(new Former(), null);
    assertThat(shards(former, "hot", "other")).containsExactly(3, 2);
    OperatorSubtaskState later = checkpointOf(new Asked(ShardOptions.NONE), former);
    assertThat(shards(later, "hot", "other")).containsExactly(3, 2);
    assertThat(later.getManagedOperatorState())
        .extracting(handle -> handle.getStateNameToPartitionOffsets().get("shards").getOffsets())
        .as("entries of the union list, which each restore would send to all subtasks")
        .containsExactly(new long[0]);
  }

  /** With a union list, a busy source could not be stopped with a savepoint. */
  @Test
  void stateIsNotAUnionList() throws Exception {
    OperatorSubtaskState state = checkpointOf(new Asked(new ShardOptions(4, Set.of("hot"))), null);
    assertThat(state.getManagedOperatorState())
        .flatExtracting(handle -> handle.getStateNameToPartitionOffsets().values())
        .extracting(OperatorStateHandle.StateMetaInfo::getDistributionMode)
        .isNotEmpty()
        .doesNotContain(OperatorStateHandle.Mode.UNION);
  }
}
