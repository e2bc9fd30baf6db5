// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import dev.onepass.sketch.blocks.QueryBlock;
import org.junit.jupiter.api.Test;

class SubGenTest {
  private static final QueryBlock ZERO = Streams.PLAIN.queries(0, 1);

  /** A large and a small group of equal tokens: a uniform sample of few tokens misses the small. */
  @Test
  void answersAreExactWhereTokensOfAClusterAreEqual() {
    QueryBlock query = new QueryBlock(new float[] {1}, 1, 1, 1);
    for (boolean countsMass : new boolean[] {false, true}) {
      Method.State state = new SubGen(2, true, countsMass).begin(Streams.PLAIN, 100, 7);
      for (int j = 0; j < 10_000; j++) {
        boolean rare = j % 1_000 == 999;
        state.accept(new float[] {rare ? 5 : 0}, new float[] {rare ? 1 : 0});
      }
      double rare = 10 * Math.exp(5);
      assertThat((double) state.answer(query).outputs()[0][0])
          .isBetween(0.999 * rare / (9_990 + rare), 1.001 * rare / (9_990 + rare));
    }
  }

  /** Holds through joined clusters, whose samples must stay uniform. */
  @Test
  void samplesWithValuesAreUniformInEachCluster() {
    for (boolean countsMass : new boolean[] {false, true}) {
      // A cluster mean has a deviation of at most 289 / sqrt(3), so the mean of 400 has one of 9.
      assertThat(meanAnswer(new SubGen(3, true, countsMass), true)).isBetween(470.0, 529.0);
    }
  }

  @Test
  void samplesApartEstimateTheMean() {
    // Equal keys have an exact denominator. The numerator draws large values, with weights below 2
    // for most, and its deviation is below 150 / sqrt(400) = 7.5.
    assertThat(meanAnswer(new SubGen(3, false, false), false)).isBetween(475.0, 524.0);
  }

  /** Values are token numbers. The query is zero, so the answer is the mean value. */
  private static double meanAnswer(SubGen method, boolean spread) {
    double sum = 0;
    for (int seed = 0; seed < 400; seed++) {
      Method.State state = method.begin(Streams.PLAIN, 200, seed);
      for (int j = 0; j < 1_000; j++) {
        state.accept(new float[] {spread ? j / 20 : 0}, new float[] {j});
      }
      sum += state.answer(ZERO).outputs()[0][0] / 400;
    }
    return sum;
  }

  @Test
  void oneClusterIsAUniformSample() {
    double one = 0;
    double uniform = 0;
    for (int seed = 0; seed < 20; seed++) {
      one += error(new SubGen(Integer.MAX_VALUE, true, false), seed);
      uniform += error(new UniformReservoir(), seed);
    }
    assertThat(one / uniform).isBetween(0.85, 1.2);
  }

  private static double error(Method method, int seed) {
    Method.State state = method.begin(Streams.HEAD, 2_048, seed);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }

  @Test
  void tokensAreKeptWhileTheyFit() {
    Method.State state = new SubGen(4, false, false).begin(Streams.HEAD, 16 + 24 * 200, 7);
    Streams.feed(state, 200);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 200)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 200, 201);
    assertThat(state.isExact()).isFalse();
  }
}
