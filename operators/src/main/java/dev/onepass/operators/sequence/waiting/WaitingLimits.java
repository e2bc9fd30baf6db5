// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.waiting;

import java.io.Serializable;

/**
 * Bounds on the events that wait in state: queries that wait for tokens, and events that wait for
 * work in the background.
 *
 * @param queries largest number of queries of one sequence that wait for tokens, at least 0
 * @param sequenceBytes largest size of the waiting events of one sequence
 * @param taskBytes largest size of the waiting events of all sequences of a subtask
 */
public record WaitingLimits(int queries, long sequenceBytes, long taskBytes)
    implements Serializable {

  /** Default of {@code sequenceBytes}. */
  public static final long DEFAULT_SEQUENCE_BYTES = 16L << 20;

  /** Default of {@code taskBytes}. */
  public static final long DEFAULT_TASK_BYTES = 256L << 20;

  /** Returns limits with the default sizes. */
  public static WaitingLimits ofQueries(int queries) {
    return new WaitingLimits(queries, DEFAULT_SEQUENCE_BYTES, DEFAULT_TASK_BYTES);
  }
}
