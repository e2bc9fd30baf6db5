// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.planted.Planted;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlantedTest {
  @Test
  void sparseColumnsHaveTheRequestedTailAndBound() {
    Head head = Planted.sparse(1_024, 4, 16, 3.6, 0.014, 7);
    double[][] y = Attention.exact(head, 1_024, head.queries(0, 1_024));
    for (double tail : Columns.tails(y, 16)) {
      assertThat(tail).isCloseTo(0.014, within(0.002));
    }
    assertThat(Arrays.stream(Columns.tails(y, 15))).allMatch(tail -> tail > 0.1);
    assertThat(Numbers.sortedQuantile(Logits.sample(head, 1_024).sizes(), 1))
        .isLessThanOrEqualTo(3.6001);
  }

  @Test
  void gaussianStreamsHaveTheRequestedDeviation() {
    for (Planted.Values values : Planted.Values.values()) {
      Head head = Planted.gaussian(4_000, 4, 8, 0.5, values, 7);
      assertThat(Logits.sample(head, 1_000).deviation()).isCloseTo(0.5, within(0.03));
      assertThat(Errors.rootMeanSquare(head.values(), 4_000, 8)).isCloseTo(1, within(0.05));
    }
  }

  @Test
  void answersAreLargerForSignalThanForNoise() {
    Map<Planted.Values, Double> sizes = new EnumMap<>(Planted.Values.class);
    for (Planted.Values values : Planted.Values.values()) {
      Head head = Planted.gaussian(4_000, 4, 8, 0.5, values, 7);
      double[][] y = Attention.exact(head, 3_900, head.queries(3_900, 4_000));
      sizes.put(values, Errors.norm(y));
    }
    assertThat(sizes.get(Planted.Values.SIGNAL)).isGreaterThan(5 * sizes.get(Planted.Values.NOISE));
  }
}
