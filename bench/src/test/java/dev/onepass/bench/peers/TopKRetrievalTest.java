// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.methods.Method;
import dev.onepass.sketch.blocks.QueryBlock;
import org.junit.jupiter.api.Test;

class TopKRetrievalTest {

  @Test
  void retrievesTheLargestLogitsOfTheNewestTokens() {
    Method.State state =
        new TopKRetrieval(TopKRetrieval.Kept.LAST, 0.2).begin(Streams.PLAIN, 16 + 4 * 10, 7);
    for (int j = 0; j < 100; j++) {
      // Tokens of even numbers have the largest keys, the older the larger.
      state.accept(new float[] {j % 2 == 0 ? 200 - j : 0}, new float[] {j});
    }
    // Of the tokens 90 to 99, these are 90 and 92, and exp(2) is the ratio of their weights.
    double share = 1 / (1 + Math.exp(2));
    assertThat(state.answer(new QueryBlock(new float[] {1}, 1, 1, 1)).outputs()[0][0])
        .isEqualTo((float) (90 + 2 * share));
  }

  @Test
  void isExactWhileAllTokensAreRetrieved() {
    Method.State state =
        new TopKRetrieval(TopKRetrieval.Kept.SAMPLE, 0.3).begin(Streams.HEAD, 16 + 24 * 100, 7);
    Streams.feed(state, 30);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 30)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 30, 31);
    assertThat(state.isExact()).isFalse();
  }

  @Test
  void isTheSampleIfAllOfItIsRetrieved() {
    Method.State all = new TopKRetrieval(TopKRetrieval.Kept.SAMPLE, 1).begin(Streams.HEAD, 999, 7);
    Method.State sample = new UniformReservoir().begin(Streams.HEAD, 999, 7);
    Streams.feed(all, 1_000);
    Streams.feed(sample, 1_000);
    float[][] expected = sample.answer(Streams.QUERIES).outputs();
    float[][] outputs = all.answer(Streams.QUERIES).outputs();
    for (int q = 0; q < outputs.length; q++) {
      assertThat(outputs[q]).containsExactly(expected[q], within(1e-5f));
    }
  }
}
