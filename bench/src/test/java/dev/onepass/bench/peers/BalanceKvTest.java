// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.methods.Method;
import dev.onepass.sketch.blocks.QueryBlock;
import org.junit.jupiter.api.Test;

class BalanceKvTest {
  private static final BalanceKv WALKS = new BalanceKv(new KernelHalving(true, 1), 0.55);
  private static final BalanceKv PAIRS = new BalanceKv(new KernelHalving(false, 1), 0.55);

  @Test
  void weightsSumToTheNumberOfTokens() {
    QueryBlock zero = new QueryBlock(new float[4], 1, 4, 1);
    for (BalanceKv method : new BalanceKv[] {WALKS, PAIRS}) {
      HalvedLevels state = (HalvedLevels) method.begin(Streams.HEAD, 500, 7);
      for (int n = 1; n <= Streams.N; n++) {
        Streams.feed(state, Streams.HEAD, n - 1, n);
        assertThat(state.sums(zero).logNormalizer(0)).isCloseTo(Math.log(n), within(1e-6));
      }
    }
  }

  /** With 16 times the bytes, the error of a uniform sample falls to a fourth. */
  @Test
  void errorFallsFasterThanThatOfAUniformSample() {
    for (BalanceKv method : new BalanceKv[] {WALKS, PAIRS}) {
      double few = 0;
      double many = 0;
      for (int seed = 0; seed < 20; seed++) {
        few += error(method, 16 + 24 * 20, seed);
        many += error(method, 16 + 24 * 320, seed);
      }
      assertThat(few / many).isGreaterThan(6);
    }
  }

  @Test
  void errorIsBelowThatOfAUniformSample() {
    double balanced = 0;
    double uniform = 0;
    for (int seed = 0; seed < 20; seed++) {
      balanced += error(WALKS, 8_192, seed);
      uniform += error(new UniformReservoir(), 8_192, seed);
    }
    assertThat(balanced / uniform).isLessThan(0.35);
  }

  private static double error(Method method, int bytes, int seed) {
    Method.State state = method.begin(Streams.HEAD, bytes, seed);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }

  @Test
  void everyTokenIsKeptWithTheSameChance() {
    // Values are token numbers. The query is zero, so the answer is the weighted mean.
    double sum = 0;
    for (int seed = 0; seed < 400; seed++) {
      Method.State state = WALKS.begin(Streams.PLAIN, 100, seed);
      for (int j = 0; j < 1_000; j++) {
        state.accept(new float[1], new float[] {j});
      }
      sum += state.answer(Streams.PLAIN.queries(0, 1)).outputs()[0][0] / 400;
    }
    // One token would have a deviation of 289, so the mean of 400 has one below 14.5.
    assertThat(sum).isBetween(456.0, 543.0);
  }
}
