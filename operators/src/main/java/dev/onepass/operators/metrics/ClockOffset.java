package dev.onepass.operators.metrics;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * How far a worker's clock is ahead of the job manager's, in milliseconds, below 0 where it is
 * behind: the gauge {@code clockOffsetMillis}.
 *
 * <p>A checkpoint brings the time at which the job manager called for it. What a task is late in
 * answering adds to the difference, so the smallest of the newest ones is taken: a task that was
 * busy at some checkpoints was less so at another.
 */
public final class ClockOffset {

  /** Checkpoints that are compared. */
  static final int NEWEST = 8;

  private final Deque<Long> newest = new ArrayDeque<>(NEWEST);

  /** Of the newest checkpoints; 0 before the first. Reporters read it on threads of their own. */
  private volatile long smallest;

  /** Registers the gauge in the group {@code onepass} of an operator. */
  public ClockOffset(MetricGroup operator) {
    operator.addGroup("onepass").gauge("clockOffsetMillis", (Gauge<Long>) () -> smallest);
  }

  /**
   * Compares the clocks at a checkpoint.
   *
   * @param called when the job manager called for the checkpoint, by its clock, in epoch
   *     milliseconds
   * @param now this worker's clock, in epoch milliseconds
   */
  public void compare(long called, long now) {
    if (newest.size() == NEWEST) {
      newest.remove();
    }
    newest.add(now - called);
    smallest = newest.stream().mapToLong(offset -> offset).min().orElseThrow();
  }
}
