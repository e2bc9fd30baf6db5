// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

/**
 * The load of a job.
 *
 * @param activity distribution of the tokens over sequences
 * @param bytes bytes of a sequence
 * @param subtasks subtasks of the operator of the sequences
 * @param cacheBytes heap cache of each subtask
 * @param interval seconds between two checkpoints
 */
public record Workload(
    Activity activity, SequenceBytes bytes, int subtasks, double cacheBytes, double interval) {

  /** Overhead of a sequence on the heap: see {@code CachedSequenceStore}. */
  private static final int ENTRY_OVERHEAD = 512;

  /** Returns how many sequences the cache of a subtask holds, at least 1. */
  public double cached() {
    return Math.max(1, cacheBytes / (bytes.atRest() + ENTRY_OVERHEAD));
  }

  /** Returns the workload with another number of tokens per second and sequences. */
  Workload with(Activity other, int otherSubtasks) {
    return new Workload(other, bytes, otherSubtasks, cacheBytes, interval);
  }
}
