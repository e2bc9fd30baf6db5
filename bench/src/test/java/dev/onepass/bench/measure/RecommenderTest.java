// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.recommender.Recommender;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RecommenderTest {
  private static final int ROWS = 20_000;
  private static Head stream;

  @BeforeAll
  static void make() {
    stream = Recommender.stream("R", ROWS, 2, 7);
  }

  @Test
  void equalSeedsMakeEqualStreams() {
    Head again = Recommender.stream("R", ROWS, 2, 7);
    assertThat(Arrays.equals(again.queries(), stream.queries())).isTrue();
    assertThat(Arrays.equals(again.keys(), stream.keys())).isTrue();
    assertThat(Arrays.equals(again.values(), stream.values())).isTrue();
    Head other = Recommender.stream("R", ROWS, 2, 8);
    assertThat(Arrays.equals(other.keys(), stream.keys())).isFalse();
  }

  @Test
  void logitsHaveTheRequestedDeviationAndValuesHaveNormNearOne() {
    assertThat(Logits.sample(stream, 2_000).deviation()).isCloseTo(2, within(0.1));
    assertThat(Errors.rootMeanSquare(stream.values(), ROWS, 32)).isBetween(0.8, 1.2);
  }

  @Test
  void aboutHalfOfTheItemsDoNotExistInTheFirstPart() {
    int all = stream.distinctKeys(ROWS);
    assertThat(all).isBetween(ROWS / 17, ROWS / 12);
    assertThat(stream.distinctKeys((int) (0.3 * ROWS))).isBetween(4 * all / 10, 6 * all / 10);
  }

  @Test
  void lateCandidatesAreOftenNew() {
    Set<Integer> asked = new HashSet<>();
    for (int j = 0; j < 0.3 * ROWS; j++) {
      asked.add(query(j));
    }
    long fresh = 0;
    for (int j = (int) (0.76 * ROWS); j < ROWS; j++) {
      fresh += asked.contains(query(j)) ? 0 : 1;
    }
    assertThat(fresh / (0.24 * ROWS)).isBetween(0.4, 0.9);
  }

  private static int query(int row) {
    return Arrays.hashCode(Arrays.copyOfRange(stream.queries(), 32 * row, 32 * row + 32));
  }

  @Test
  void answersAreFarFromZero() {
    double[][] y = Attention.exact(stream, ROWS, stream.someQueries(0, 64));
    assertThat(Errors.norm(y) / Math.sqrt(64)).isBetween(0.3, 0.9);
  }
}
