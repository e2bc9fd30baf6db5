// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;

/**
 * Attention over the newest tokens: what a team keeps that has no other plan (a sliding window, as
 * in Beltagy et al., Longformer, arXiv 2004.05150). It promises exact answers to queries that
 * attend to nothing older.
 */
final class LastTokens implements Method {

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  @Override
  public String name() {
    return "last";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    return new Window(Points.within(bytes - FIXED_BYTES, head, 1));
  }

  private static final class Window implements State {
    private final Points tokens;
    private long seen;

    Window(Points tokens) {
      this.tokens = tokens;
    }

    @Override
    public void accept(float[] key, float[] value) {
      tokens.put((int) (seen++ % tokens.slots()), key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(tokens.sums(queries));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + tokens.bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= tokens.slots();
    }
  }
}
