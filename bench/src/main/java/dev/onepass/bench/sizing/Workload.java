package dev.onepass.bench.sizing;

/**
 * What a job has to bear.
 *
 * @param activity which sequences tokens are for
 * @param bytes of a sequence
 * @param subtasks of the sequences' operator
 * @param cacheBytes heap of each subtask for the newest state
 * @param interval seconds between two checkpoints
 */
public record Workload(
    Activity activity, SequenceBytes bytes, int subtasks, double cacheBytes, double interval) {

  /** Beside a sequence's state on the heap: see {@code CachedSequenceStore}. */
  private static final int ENTRY_OVERHEAD = 512;

  /** Sequences that the cache of a subtask holds; at least the one that is touched. */
  public double cached() {
    return Math.max(1, cacheBytes / (bytes.atRest() + ENTRY_OVERHEAD));
  }

  /** The same at another number of tokens a second and sequences. */
  Workload with(Activity other, int otherSubtasks) {
    return new Workload(other, bytes, otherSubtasks, cacheBytes, interval);
  }
}
