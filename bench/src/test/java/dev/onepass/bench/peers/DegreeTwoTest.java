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
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DegreeTwoTest {

  /** Bytes of 15 monomials times 9 sums, a maximum and a counter, and of one token. */
  private static final int BYTES = 15 * 9 * 4 + 8 + 8 + 24;

  /** Half the logits make an eighth of the error. */
  @Test
  void errorIsOfThirdOrder() {
    assertThat(error(0.4) / error(0.2)).isBetween(6.0, 10.0);
  }

  private static double error(double deviation) {
    Head head = Planted.gaussian(2_100, 4, 8, deviation, Planted.Values.SIGNAL, 7);
    Past past = new Past(head, IntStream.range(0, 2_100).map(row -> 0).toArray(), 7);
    Method.State state = DegreeTwo.tuned().learn(past).begin(head, BYTES, 7);
    Streams.feed(state, head, 0, 2_000);
    QueryBlock queries = head.queries(2_000, 2_100);
    return Errors.distance(state.answer(queries).outputs(), Attention.exact(head, 2_000, queries));
  }

  @Test
  void refusesBytesThatHoldNoMoments() {
    Method method = DegreeTwo.tuned().learn(Streams.PAST);
    assertThatThrownBy(() -> method.begin(Streams.HEAD, 15 * 9 * 4 + 15, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("moments of 548 bytes do not fit in the state size; set a larger state size");
  }
}
