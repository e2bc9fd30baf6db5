package dev.onepass.bench.sizing;

import dev.onepass.sketch.sequence.StateLayout;

/**
 * Bytes of a sequence that has left exact mode, as the state backend takes them.
 *
 * @param token floats of one token
 * @param pending one pending token as it is stored
 * @param sketch the sketch, when it uses all it may
 * @param cutSize tokens folded at once
 */
public record SequenceBytes(int token, int pending, int sketch, int cutSize) {

  /**
   * Those of a head.
   *
   * @param cutSize tokens folded at once; 0 lets the state size decide
   */
  public static SequenceBytes of(int keyDim, int valueDim, int stateSize, int cutSize) {
    StateLayout layout = StateLayout.of(keyDim, valueDim, stateSize, cutSize);
    return new SequenceBytes(
        Float.BYTES * (keyDim + valueDim),
        layout.tokenBytes(),
        layout.sketchBytes(),
        layout.cutSize());
  }

  /**
   * Bytes that are put into the backend when a sequence is written that took tokens since it was
   * written last: the header, the sketch if a block was filled, and the pending tokens, half a
   * block on average after a fold, otherwise those that are new.
   *
   * @param tokens since then, at least 1
   */
  public double put(double tokens) {
    double folded = Math.min(1, tokens / cutSize);
    double fresh = folded * Math.min(tokens, cutSize / 2.0) + (1 - folded) * tokens;
    return StateLayout.RESERVED_BYTES + folded * sketch + fresh * pending;
  }

  /**
   * Bytes that one write puts into the backend.
   *
   * @param folded whether a block was filled since the last one
   * @param tokens that are pending or new
   */
  double put(boolean folded, int tokens) {
    return StateLayout.RESERVED_BYTES + (folded ? sketch : 0) + (double) tokens * pending;
  }

  /** The same for each byte of the tokens' floats. */
  public double putPerTokenByte(double tokens) {
    return put(tokens) / (tokens * token);
  }

  /** Bytes of a sequence at rest, half a block pending. */
  public double atRest() {
    return StateLayout.RESERVED_BYTES + sketch + cutSize / 2.0 * pending;
  }
}
