// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import org.junit.jupiter.api.Test;

class WindowsTest {

  @Test
  void theWindowKeepsTheLastTokens() {
    assertThat(mean(new LastTokens().begin(Streams.PLAIN, 8 + 4 * 3, 7)))
        .isEqualTo((97 + 98 + 99) / 3f);
  }

  @Test
  void sinksStayNextToTheWindow() {
    assertThat(mean(new SinksAndWindow().begin(Streams.PLAIN, 8 + 4 * 7, 7)))
        .isEqualTo((0 + 1 + 2 + 3 + 97 + 98 + 99) / 7f);
  }

  private static float mean(Method.State state) {
    for (int j = 0; j < 100; j++) {
      state.accept(new float[1], new float[] {j});
    }
    return state.answer(Streams.PLAIN.queries(0, 1)).outputs()[0][0];
  }
}
