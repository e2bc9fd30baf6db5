// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method.Answered;
import dev.onepass.bench.methods.Method.State;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;

/**
 * Keeps all tokens as long as they fit in the bytes, and gives them to a compressed state when the
 * next one does not. Sketches of Onepass begin in the same way.
 */
final class ExactFirst implements State {

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  private final Points tokens;
  private final State compressed;
  private boolean full;

  /**
   * Creates an empty state.
   *
   * @param bytes maximum size of either form
   * @param compressed an empty state, which takes over
   */
  ExactFirst(int bytes, Head head, State compressed) {
    this.tokens = Points.within(Math.max(0, bytes - FIXED_BYTES), head, 0);
    this.compressed = compressed;
  }

  @Override
  public void accept(float[] key, float[] value) {
    int kept = tokens.filled();
    if (!full && kept < tokens.slots()) {
      tokens.put(kept, key, value);
      return;
    }
    full = true;
    for (int slot = 0; slot < kept; slot++) {
      compressed.accept(tokens.key(slot), tokens.value(slot));
    }
    tokens.clear();
    compressed.accept(key, value);
  }

  @Override
  public Answered answer(QueryBlock queries) {
    return full ? compressed.answer(queries) : Unstated.of(tokens.sums(queries));
  }

  @Override
  public long stateBytes() {
    return full ? compressed.stateBytes() : FIXED_BYTES + tokens.bytes();
  }

  @Override
  public boolean isExact() {
    return !full || compressed.isExact();
  }
}
