// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import org.junit.jupiter.api.Test;

class ExactFirstTest {

  @Test
  void theCompressedStateTakesOverWithAllTokens() {
    // Five tokens of 4 bytes fit, and a reservoir of 40 holds all tokens that follow.
    Method.State compressed = new UniformReservoir().begin(Streams.PLAIN, 16 + 4 * 40, 7);
    Method.State state = new ExactFirst(8 + 4 * 5, Streams.PLAIN, compressed);
    for (int j = 0; j < 5; j++) {
      state.accept(new float[1], new float[] {j});
    }
    assertThat(state.stateBytes()).isEqualTo(8 + 4 * 5);
    assertThat(compressed.stateBytes()).isEqualTo(16);
    assertThat(state.isExact()).isTrue();
    assertThat(mean(state)).isEqualTo(2f);

    state.accept(new float[1], new float[] {5});
    state.accept(new float[1], new float[] {6});
    assertThat(state.stateBytes()).isEqualTo(16 + 4 * 7);
    assertThat(mean(state)).isEqualTo(3f);
  }

  private static float mean(Method.State state) {
    return state.answer(Streams.PLAIN.queries(0, 1)).outputs()[0][0];
  }
}
