// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.trials.FleetSplit;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final int[] ITEMS = IntStream.range(0, 500).map(row -> row % 40).toArray();
  private static final Head HEAD = Planted.gaussian(500, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
  private static final Fleet FLEET = new Fleet(HEAD, new int[500], Optional.of(ITEMS));
  private static final FleetSplit.Asked ASKED =
      new FleetSplit.Asked(0, new int[] {0, 1}, new int[] {400, 410, 420, 430});

  @Test
  void theChosenItemIsTheFirstAndAllItemsDiffer() {
    int[][] rows = new Candidates(FLEET, 10, 2, 7).rows(ASKED);
    assertThat(rows).hasNumberOfRows(2);
    assertThat(rows[0][0]).isEqualTo(400);
    assertThat(rows[1][0]).isEqualTo(420);
    for (int[] moment : rows) {
      assertThat(Arrays.stream(moment).map(row -> ITEMS[row]).distinct().count()).isEqualTo(10);
      assertThat(Arrays.stream(moment).skip(1)).allMatch(row -> row < moment[0]);
    }
    assertThat(new Candidates(FLEET, 10, 2, 7).rows(ASKED)).isDeepEqualTo(rows);
    assertThat(new Candidates(FLEET, 10, 2, 8).rows(ASKED)[0]).isNotEqualTo(rows[0]);
  }

  @Test
  void fewItemsGiveFewCandidates() {
    assertThat(new Candidates(FLEET, 100, 1, 7).rows(ASKED)[0]).hasSize(40);
  }

  @Test
  void popularItemsAreDrawnMoreOften() {
    int[] skewed =
        IntStream.range(0, 500).map(row -> row % 10 == 0 ? row : 1_000 + row % 3).toArray();
    Fleet fleet = new Fleet(HEAD, new int[500], Optional.of(skewed));
    int popular = 0;
    for (int seed = 0; seed < 50; seed++) {
      int[] moment = new Candidates(fleet, 4, 1, seed).rows(ASKED)[0];
      popular += (int) Arrays.stream(moment).skip(1).filter(row -> skewed[row] >= 1_000).count();
    }
    // Three items of 43 make nine tenths of the rows.
    assertThat(popular).isBetween(90, 145);
  }

  @Test
  void aCandidateIsAskedWithTheQueryOfItsItem() {
    float[] queries = HEAD.keys().clone();
    for (int i = 0; i < queries.length; i++) {
      queries[i] *= 8;
    }
    Head head = new Head("h", 500, 4, 4, queries, HEAD.keys(), HEAD.values(), 1);
    Candidates candidates =
        new Candidates(new Fleet(head, new int[500], Optional.of(ITEMS)), 5, 1, 7);
    QueryBlock asked = candidates.queries(ASKED);
    int[] rows = candidates.rows(ASKED)[0];
    assertThat(asked.count()).isEqualTo(5);
    for (int q = 0; q < 5; q++) {
      for (int i = 0; i < 4; i++) {
        assertThat(asked.vectors()[q * 4 + i]).isCloseTo(queries[rows[q] * 4 + i], within(1e-4f));
      }
    }
  }
}
