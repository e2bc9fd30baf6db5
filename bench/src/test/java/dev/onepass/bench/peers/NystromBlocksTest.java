// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NystromBlocksTest {

  /** Twenty different keys: the kernel has no more ranks, and thirty points fit. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isExactIfPointsReachTheRank(boolean tilted) {
    assertThat(errorOfRepeatedKeys(20, tilted)).isLessThan(2e-3);
    // Ten times the keys do not fit.
    assertThat(errorOfRepeatedKeys(200, tilted)).isGreaterThan(5e-3);
  }

  private static double errorOfRepeatedKeys(int different, boolean tilted) {
    float[] keys = Streams.HEAD.keys().clone();
    Random random = new Random(7);
    for (int j = different; j < Streams.N; j++) {
      System.arraycopy(keys, 4 * random.nextInt(different), keys, 4 * j, 4);
    }
    Head head =
        new Head(
            "repeated",
            Streams.HEAD.rows(),
            4,
            8,
            Streams.HEAD.queries(),
            keys,
            Streams.HEAD.values(),
            4);
    QueryBlock queries = head.queries(Streams.N, Streams.N + 100);
    Method.State state =
        new NystromBlocks(new NystromBlocks.Setting(0.5, 1, tilted))
            .learn(Streams.PAST)
            .begin(head, 40 + 29 * 30, 7);
    Streams.feed(state, head, 0, Streams.N);
    return Errors.relative(
        state.answer(queries).outputs(), Attention.exact(head, Streams.N, queries));
  }

  @Test
  void pointsStandForTokensOfTheirSpace() {
    // Points 2 and 3 repeat points 0 and 1, which receive them.
    float[] points = {1, 0, 0, 1, 1, 0, 0, 1};
    PivotedCholesky chosen =
        PivotedCholesky.of(points, 2, new double[] {1, 1, 1, 1}, 0.5, 3, new Random(7));
    assertThat(chosen.chosen()).hasSize(2);
    double[][] received = chosen.received(new double[][] {{1}, {10}, {100}, {1_000}});
    double sum = received[0][0] + received[1][0];
    assertThat(sum).isBetween(1_110.99, 1_111.01);
    assertThat(Math.min(received[0][0], received[1][0])).isBetween(100.99, 101.01);
  }
}
