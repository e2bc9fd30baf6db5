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
 * Keeps a subtask's census across restarts. The state holds it with the key groups it is of: who is
 * given the same ones takes it up. Who is given others, after rescaling, or finds none, in a
 * savepoint from before there were such counts, has to count the headers once.
 *
 * <p>Every subtask is given the counts of all, so each knows which anchor sets the sequences of the
 * whole job had adopted at the checkpoint.
 */
public final class HeadCounts {

  /** Name and format of the counts. */
  public static ListStateDescriptor<HeadCount> countsState() {
    return new ListStateDescriptor<>("sequence-counts", HeadCountSerializer.INSTANCE);
  }

  private final Census census = new Census();
  private final ListState<HeadCount> state;
  private final KeyGroupRange mine;
  private final boolean complete;
  private final AdoptedVersions adopted;

  /** Takes up the counts of the checkpoint, as far as they are of this subtask's key groups. */
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

  /** One of an older savepoint does not tell all that is to be known. */
  private boolean isMine(HeadCount count) {
    return count.adopted() != null
        && count.firstKeyGroup() == mine.getStartKeyGroup()
        && count.lastKeyGroup() == mine.getEndKeyGroup();
  }

  /** Returns the anchor sets that the sequences of all subtasks had adopted at the checkpoint. */
  public AdoptedVersions adopted() {
    return adopted;
  }

  /** The subtask's sequences. */
  public Census census() {
    return census;
  }

  /** Whether the census has all sequences already; otherwise their headers are to be counted. */
  public boolean isComplete() {
    return complete;
  }

  /** Writes the counts; before each checkpoint. */
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
