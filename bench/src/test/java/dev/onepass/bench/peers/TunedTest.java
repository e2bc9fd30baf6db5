// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunedTest {
  private static final Tuned TUNED =
      new Tuned("t", List.of(new LastTokens(), new UniformReservoir(), new MomentKv(1)));

  @Test
  void takesTheSettingOfTheSmallestErrorOnThePast() {
    Method learned = TUNED.learn(Streams.PAST);
    assertThat(answers(learned, 1_024)).isDeepEqualTo(answers(new MomentKv(1), 1_024));
    // Moments and a token do not fit in these bytes.
    assertThat(answers(learned, 200))
        .satisfiesAnyOf(
            outputs -> assertThat(outputs).isDeepEqualTo(answers(new LastTokens(), 200)),
            outputs -> assertThat(outputs).isDeepEqualTo(answers(new UniformReservoir(), 200)));
  }

  @Test
  void takesTheFirstSettingWithoutAPast() {
    assertThat(answers(TUNED, 1_024)).isDeepEqualTo(answers(new LastTokens(), 1_024));
  }

  private static float[][] answers(Method method, int bytes) {
    Method.State state = method.begin(Streams.HEAD, bytes, 7);
    Streams.feed(state, 1_000);
    return state.answer(Streams.QUERIES).outputs();
  }
}
