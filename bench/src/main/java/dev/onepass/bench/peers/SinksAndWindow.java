// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;

/**
 * Attention over the first four tokens and the newest tokens: StreamingLLM (Xiao et al., Efficient
 * Streaming Language Models with Attention Sinks, arXiv 2309.17453). Difference: the paper gives
 * tokens new positions in its cache; here keys stay unchanged.
 */
final class SinksAndWindow implements Method {

  /** Number of first tokens that are never dropped, as in the paper. */
  static final int SINKS = 4;

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  @Override
  public String name() {
    return "sinks+window";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    return new Window(Points.within(bytes - FIXED_BYTES, head, SINKS + 1));
  }

  /** Returns the slot for a token: sinks stay, the window is circular. */
  static int slot(long token, int slots) {
    return token < SINKS ? (int) token : SINKS + (int) ((token - SINKS) % (slots - SINKS));
  }

  private static final class Window implements State {
    private final Points rows;
    private long seen;

    Window(Points rows) {
      this.rows = rows;
    }

    @Override
    public void accept(float[] key, float[] value) {
      rows.put(slot(seen++, rows.slots()), key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(rows.sums(queries));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + rows.bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= rows.slots();
    }
  }
}
