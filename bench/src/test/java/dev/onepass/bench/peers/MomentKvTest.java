// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MomentKvTest {

  /** The error is of second order in the logits. */
  @Test
  void isExactForLinearValuesAndSmallLogits() {
    assertThat(linearError(0.1)).isLessThan(0.02);
    // Answers are of first order themselves.
    assertThat(linearError(0.1) / linearError(0.2)).isBetween(0.35, 0.6);
  }

  private static double linearError(double deviation) {
    Head keys = Planted.gaussian(2_100, 4, 4, deviation, Planted.Values.NOISE, 7);
    // The values are the keys, so that the answers change with the query.
    Head head = new Head("linear", 2_100, 4, 4, keys.queries(), keys.keys(), keys.keys(), 1);
    Method.State state = new MomentKv(1).begin(head, 300, 7);
    Streams.feed(state, head, 0, 2_000);
    QueryBlock queries = head.queries(2_000, 2_100);
    return Errors.relative(state.answer(queries).outputs(), Attention.exact(head, 2_000, queries));
  }

  @Test
  void momentsAreAccurateToFirstOrder() {
    // The window has room for few tokens, so the moments hold nearly the whole stream.
    Method.State moments = new MomentKv(1).begin(Streams.HEAD, 700, 7);
    Method.State window = new SinksAndWindow().begin(Streams.HEAD, 700, 7);
    Streams.feed(moments, Streams.N);
    Streams.feed(window, Streams.N);
    assertThat(Streams.error(moments, Streams.N)).isLessThan(0.1);
    assertThat(Streams.error(window, Streams.N)).isGreaterThan(0.4);
  }

  /** One token in a hundred is far away and attended to; the moments describe all others. */
  @Test
  void keepsTokensThatTheMomentsDescribeBadly() {
    float[] keys = Streams.HEAD.keys().clone();
    float[] values = Streams.HEAD.values().clone();
    for (int j = 0; j < 2_000; j += 100) {
      for (int i = 0; i < 4; i++) {
        keys[4 * j + i] *= 5;
      }
      Arrays.fill(values, 8 * j, 8 * (j + 1), 2);
    }
    Head head = new Head("far", Streams.HEAD.rows(), 4, 8, Streams.HEAD.queries(), keys, values, 1);
    assertThat(error(new MomentKv(0.5), head) / error(new MomentKv(1), head)).isLessThan(0.5);
  }

  private static double error(MomentKv method, Head head) {
    Method.State state = method.learn(Streams.PAST).begin(head, 1_400, 7);
    Streams.feed(state, head, 0, 2_000);
    return Errors.relative(
        state.answer(Streams.QUERIES).outputs(), Attention.exact(head, 2_000, Streams.QUERIES));
  }
}
