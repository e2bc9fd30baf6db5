// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearestAnchorTest {

  @Test
  void needsPastRows() {
    assertThatThrownBy(() -> NearestAnchor.tuned().begin(Streams.HEAD, 1_000, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has learned from no past rows");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void isExactAtItsQueries(int neighbours) {
    Head few = Streams.PAST.rows().first(40);
    Past past = new Past(few.only(numbers(40)), new int[40], 7);
    // Every past query is a cluster.
    Method.State state =
        new NearestAnchor(neighbours).learn(past).begin(Streams.HEAD, 8 + 20 * 40, 7);
    Streams.feed(state, Streams.N);
    assertThat(state.isExact()).isFalse();
    QueryBlock queries = few.queries(0, 40);
    assertThat(
            Errors.relative(
                state.answer(queries).outputs(), Attention.exact(Streams.HEAD, Streams.N, queries)))
        .isLessThan(2e-3);
  }

  private static int[] numbers(int count) {
    return IntStream.range(0, count).toArray();
  }

  @Test
  void keepsTokensWhileAllFit() {
    Method.State state =
        new NearestAnchor(1).learn(Streams.PAST).begin(Streams.HEAD, 8 + 24 * 50, 7);
    Streams.feed(state, 50);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 50)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 50, 51);
    assertThat(state.isExact()).isFalse();
    assertThat(state.stateBytes()).isEqualTo(8 + 20 * 60);
  }

  @Test
  void moreAnchorsAreNearer() {
    Method learned = new NearestAnchor(1).learn(Streams.PAST);
    assertThat(error(learned, 8 + 20 * 400)).isLessThan(0.7 * error(learned, 8 + 20 * 25));
  }

  private static double error(Method learned, int bytes) {
    Method.State state = learned.begin(Streams.HEAD, bytes, 7);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }

  /** Sums in log space neither overflow nor vanish. */
  @Test
  void largeLogitsAreNoProblem() {
    Past past =
        new Past(
            new Head("past", 2, 1, 1, new float[] {900, 1000}, new float[2], new float[2], 1),
            new int[2],
            7);
    Method.State state = new NearestAnchor(1).learn(past).begin(Streams.PLAIN, 8 + 6 * 2, 7);
    for (float key : new float[] {-5, 3, 5, -4, 0}) {
      state.accept(new float[] {key}, new float[] {key});
    }
    assertThat(state.isExact()).isFalse();
    assertThat(state.answer(past.rows().queries(0, 2)).outputs())
        .isDeepEqualTo(new float[][] {{5}, {5}});
  }
}
