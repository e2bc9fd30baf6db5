package dev.onepass.operators.census;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sequences of one head that a subtask holds, added up. Changed by the task's thread alone and
 * read by others, like Flink's own counters.
 */
public final class Population {

  private long sequences;
  private long exact;
  private long stateBytes;
  private long waiting;

  /** Sequences by the version of the anchor set that they adopted; of the task's thread alone. */
  private final SortedMap<Integer, Long> adopted = new TreeMap<>();

  /** Counts a sequence as it is now, and no more as it was. */
  public void change(Footprint before, Footprint after) {
    sequences += after.sequences() - before.sequences();
    exact += after.exact() - before.exact();
    stateBytes += after.stateBytes() - before.stateBytes();
    waiting += after.waiting() - before.waiting();
    if (before.anchorsVersion() != after.anchorsVersion()) {
      adopt(before.anchorsVersion(), -1);
      adopt(after.anchorsVersion(), 1);
    }
  }

  /** Counts the sequences of a checkpoint. */
  public void add(Footprint total, SortedMap<Integer, Long> byAnchorsVersion) {
    change(Footprint.NONE, total);
    byAnchorsVersion.forEach(this::adopt);
  }

  private void adopt(int version, long sequences) {
    if (version != 0) {
      adopted.merge(version, sequences, (a, b) -> a + b == 0 ? null : a + b);
    }
  }

  /** Returns how many sequences adopted each version of the head's anchor sets. */
  public SortedMap<Integer, Long> adopted() {
    return new TreeMap<>(adopted);
  }

  /** The sums. */
  public Footprint total() {
    return new Footprint(sequences, exact, stateBytes, waiting, 0);
  }

  public long sequences() {
    return sequences;
  }

  public long exact() {
    return exact;
  }

  public long stateBytes() {
    return stateBytes;
  }

  public long waiting() {
    return waiting;
  }
}
