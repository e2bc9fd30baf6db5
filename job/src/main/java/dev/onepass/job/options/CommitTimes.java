package dev.onepass.job.options;

import java.time.Duration;
import org.apache.flink.streaming.api.environment.CheckpointConfig;

/**
 * How long a transaction of the sink may be open: from one checkpoint's begin to the end of the
 * next one that completes.
 *
 * @param attempt the longest from the begin of a checkpoint to the end of the next, whether that
 *     completes or fails
 */
record CommitTimes(Duration attempt) {

  static CommitTimes of(CheckpointConfig checkpoints) {
    long wait =
        Math.max(checkpoints.getCheckpointInterval(), checkpoints.getMinPauseBetweenCheckpoints());
    return new CommitTimes(
        Duration.ofMillis(wait).plus(Duration.ofMillis(checkpoints.getCheckpointTimeout())));
  }

  /** Returns the longest time until a commit if so many checkpoints may fail before it. */
  Duration open(int tolerableFailures) {
    return attempt.multipliedBy(tolerableFailures + 1L);
  }

  /** Returns how many checkpoints may fail, and the commit still comes within a time. */
  int tolerableFailures(Duration within) {
    return (int) Math.min(Integer.MAX_VALUE - 1, Math.max(0, within.dividedBy(attempt) - 1));
  }
}
