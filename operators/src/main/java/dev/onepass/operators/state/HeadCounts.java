package dev.onepass.operators.state;

import dev.onepass.operators.metrics.Census;
import dev.onepass.operators.metrics.Footprint;
import dev.onepass.operators.metrics.Population;
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
 * savepoint from before there were counts, has to count the headers once.
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
    boolean found = false;
    for (HeadCount count : state.get()) {
      if (count.firstKeyGroup() == mine.getStartKeyGroup()
          && count.lastKeyGroup() == mine.getEndKeyGroup()) {
        census.of(count.head()).change(Footprint.NONE, count.total());
        found = true;
      }
    }
    complete = found || !context.isRestored();
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
              head.getValue().total()));
    }
  }
}
