package dev.onepass.operators.sequence.waiting;

import java.io.Serializable;

/**
 * Bounds what may wait in state: queries for their tokens, and events behind work that is done in
 * the background.
 *
 * @param queries queries of one sequence that may wait for tokens, at least 0
 * @param sequenceBytes bytes of one sequence's waiting events
 * @param taskBytes bytes of the waiting events of all sequences of a subtask
 */
public record WaitingLimits(int queries, long sequenceBytes, long taskBytes)
    implements Serializable {

  /** Bytes of one sequence where nobody asks for another number. */
  public static final long DEFAULT_SEQUENCE_BYTES = 16L << 20;

  /** Bytes of a subtask where nobody asks for another number. */
  public static final long DEFAULT_TASK_BYTES = 256L << 20;

  /** Returns limits of the default bytes. */
  public static WaitingLimits ofQueries(int queries) {
    return new WaitingLimits(queries, DEFAULT_SEQUENCE_BYTES, DEFAULT_TASK_BYTES);
  }
}
