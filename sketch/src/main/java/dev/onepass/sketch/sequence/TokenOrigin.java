// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

/**
 * Origin of a sequence's tokens: a partition of a log whose records are numbered by offsets. Shows
 * whether records that were lost there may have been tokens of the sequence.
 *
 * @param partition number of the partition, or -1 if unknown
 * @param generation how many times the log had been recreated, at most {@link #LAST_GENERATION}
 * @param since offset before which the sequence had no tokens, or -1 if unknown
 */
public record TokenOrigin(int partition, int generation, long since) {

  /** The generation of all logs that were recreated this many times or more. */
  public static final int LAST_GENERATION = 0xffff;

  /** The origin of a sequence without tokens. */
  public static final TokenOrigin UNKNOWN = new TokenOrigin(-1, 0, -1);

  /** Returns whether the partition is known. */
  public boolean isKnown() {
    return partition >= 0;
  }
}
