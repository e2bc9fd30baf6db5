// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.StateLayout;

/**
 * Bytes of a sequence that has left exact mode, as the state backend stores them.
 *
 * @param token bytes of the floats of a token
 * @param pending bytes of a stored pending token
 * @param sketch bytes of a sketch that uses its whole budget
 * @param cutSize tokens folded at once
 */
public record SequenceBytes(int token, int pending, int sketch, int cutSize) {

  /**
   * Computes the bytes for a head.
   *
   * @param cutSize tokens folded at once; 0 lets the state size decide
   */
  public static SequenceBytes of(int keyDim, int valueDim, int stateSize, int cutSize) {
    StateLayout layout = StateLayout.of(keyDim, valueDim, stateSize, cutSize, Decay.NONE);
    return new SequenceBytes(
        Float.BYTES * (keyDim + valueDim),
        layout.tokenBytes(),
        layout.sketchBytes(),
        layout.cutSize());
  }

  /**
   * Returns the bytes that a write of a sequence puts into the backend: the header, the sketch if
   * there was a fold since the last write, and pending tokens. After a fold these are half a block
   * on average, otherwise the new tokens.
   *
   * @param tokens number of tokens since the last write, at least 1
   */
  public double put(double tokens) {
    double folded = Math.min(1, tokens / cutSize);
    double fresh = folded * Math.min(tokens, cutSize / 2.0) + (1 - folded) * tokens;
    return StateLayout.RESERVED_BYTES + folded * sketch + fresh * pending;
  }

  /**
   * Returns the bytes that one write puts into the backend.
   *
   * @param folded whether there was a fold since the last write
   * @param tokens number of pending or new tokens
   */
  double put(boolean folded, int tokens) {
    return StateLayout.RESERVED_BYTES + (folded ? sketch : 0) + (double) tokens * pending;
  }

  /** Returns {@link #put(double)} for each byte of the tokens' floats. */
  public double putPerTokenByte(double tokens) {
    return put(tokens) / (tokens * token);
  }

  /** Returns the bytes of a sequence at rest, with half a block pending. */
  public double atRest() {
    return StateLayout.RESERVED_BYTES + sketch + cutSize / 2.0 * pending;
  }
}
