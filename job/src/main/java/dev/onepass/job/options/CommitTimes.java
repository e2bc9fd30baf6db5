// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.time.Duration;
import org.apache.flink.streaming.api.environment.CheckpointConfig;

/**
 * The time that a transaction of the sink may stay open: from the start of a checkpoint to the end
 * of the next one that completes.
 *
 * @param attempt maximum time from the start of a checkpoint to the end of the next one, whether
 *     that completes or fails
 */
record CommitTimes(Duration attempt) {

  static CommitTimes of(CheckpointConfig checkpoints) {
    long wait =
        Math.max(checkpoints.getCheckpointInterval(), checkpoints.getMinPauseBetweenCheckpoints());
    return new CommitTimes(
        Duration.ofMillis(wait).plus(Duration.ofMillis(checkpoints.getCheckpointTimeout())));
  }

  /** Returns the maximum time until a commit if this many checkpoints may fail before it. */
  Duration open(int tolerableFailures) {
    return attempt.multipliedBy(tolerableFailures + 1L);
  }

  /** Returns how many checkpoints may fail if the commit must come within this time. */
  int tolerableFailures(Duration within) {
    return (int) Math.min(Integer.MAX_VALUE - 1, Math.max(0, within.dividedBy(attempt) - 1));
  }
}
