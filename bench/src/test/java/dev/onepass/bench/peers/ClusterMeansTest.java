// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClusterMeansTest {

  private static final Method LEARNED =
      new ClusterMeans(TokenSpace.Keys.BY_QUERIES, 0.5).learn(Streams.PAST);

  @Test
  void needsPastRows() {
    assertThatThrownBy(() -> ClusterMeans.tuned().begin(Streams.HEAD, 1_000, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has learned from no past rows");
  }

  @Test
  void isExactWhileEveryTokenHasACluster() {
    Method.State state = LEARNED.begin(Streams.HEAD, 8 + 28 * 50, 7);
    Streams.feed(state, 50);
    assertThat(state.isExact()).isTrue();
    assertThat(Streams.error(state, 50)).isLessThan(2e-3);
    Streams.feed(state, Streams.HEAD, 50, 51);
    assertThat(state.isExact()).isFalse();
  }

  /** The answer to a query of zeros is the mean of all values, whatever the clusters are. */
  @Test
  void noTokenIsLost() {
    Method.State state = LEARNED.begin(Streams.HEAD, 8 + 28 * 20, 7);
    Streams.feed(state, Streams.N);
    float[] answer = state.answer(new QueryBlock(new float[4], 1, 4, 1)).outputs()[0];
    for (int c = 0; c < 8; c++) {
      double mean = 0;
      for (int j = 0; j < Streams.N; j++) {
        mean += Streams.HEAD.values()[j * 8 + c] / (double) Streams.N;
      }
      assertThat((double) answer[c]).isCloseTo(mean, within(1e-3));
    }
  }

  @Test
  void clustersAreBetterThanASample() {
    Method.State clusters = LEARNED.begin(Streams.HEAD, 1_024, 7);
    Method.State sample = new UniformReservoir().begin(Streams.HEAD, 1_024, 7);
    Streams.feed(clusters, Streams.N);
    Streams.feed(sample, Streams.N);
    assertThat(Streams.error(clusters, Streams.N))
        .isLessThan(0.5 * Streams.error(sample, Streams.N));
  }

  /** Merging equal tokens costs nothing, so it comes first. */
  @Test
  void repeatedTokensAreExact() {
    int[] rows = new int[500];
    Arrays.setAll(rows, j -> j * j % 13);
    Head repeated = Streams.HEAD.only(rows);
    // Of the 13 rows, 7 are squares.
    Method.State state = LEARNED.begin(Streams.HEAD, 8 + 28 * 8, 7);
    Streams.feed(state, repeated, 0, 500);
    assertThat(state.isExact()).isFalse();
    assertThat(
            Errors.relative(
                state.answer(Streams.QUERIES).outputs(),
                Attention.exact(repeated, 500, Streams.QUERIES)))
        .isLessThan(2e-3);
  }
}
