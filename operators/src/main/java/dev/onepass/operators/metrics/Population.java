package dev.onepass.operators.metrics;

/**
 * The sequences of one head that a subtask holds, added up. Changed by the task's thread alone and
 * read by others, like Flink's own counters.
 */
public final class Population {

  private long sequences;
  private long exact;
  private long stateBytes;
  private long waiting;

  /** Counts a sequence as it is now, and no more as it was. */
  public void change(Footprint before, Footprint after) {
    sequences += after.sequences() - before.sequences();
    exact += after.exact() - before.exact();
    stateBytes += after.stateBytes() - before.stateBytes();
    waiting += after.waiting() - before.waiting();
  }

  /** The sums. */
  public Footprint total() {
    return new Footprint(sequences, exact, stateBytes, waiting);
  }

  long sequences() {
    return sequences;
  }

  long exact() {
    return exact;
  }

  long stateBytes() {
    return stateBytes;
  }

  long waiting() {
    return waiting;
  }
}
