// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.blocks.QueryBlock;
import org.junit.jupiter.api.Test;

class RankingScoreTest {

  @Test
  void equalScoresShareTheirRank() {
    assertThat(RankingScore.rankOfTheFirst(new double[] {5, 1, 2})).isEqualTo(1);
    assertThat(RankingScore.rankOfTheFirst(new double[] {1, 5, 2})).isEqualTo(3);
    assertThat(RankingScore.rankOfTheFirst(new double[] {2, 5, 2, 2})).isEqualTo(3);
  }

  @Test
  void aMomentScoresTheChoiceAndTheOrder() {
    // Queries of one number, so the scores are the outputs.
    QueryBlock queries = new QueryBlock(new float[] {1, 1, 1, 1, 1}, 5, 1, 1);
    double[][] exact = {{3}, {2}, {1}, {1}, {2}};
    float[][] outputs = {{2}, {3}, {1}, {1}, {2}};
    RankingScore.Builder builder = new RankingScore.Builder();
    builder.add(new int[] {3, 2}, queries, outputs, exact);
    RankingScore score = builder.build();
    // The first choice has rank 2, the second rank 2 of 2.
    assertThat(score.ndcg10()).isCloseTo(Math.log(2) / Math.log(3), within(1e-12));
    // Of three pairs one is turned; the second moment is in order.
    assertThat(score.kendall()).isCloseTo((1.0 / 3 + 1) / 2, within(1e-12));
    assertThat(score.moments()).isEqualTo(2);
  }

  @Test
  void aChoiceBeyondRankTenGainsNothing() {
    QueryBlock queries = new QueryBlock(new float[12], 12, 1, 1);
    float[] ones = queries.vectors();
    float[][] outputs = new float[12][1];
    double[][] exact = new double[12][1];
    for (int i = 0; i < 12; i++) {
      ones[i] = 1;
      outputs[i][0] = i;
      exact[i][0] = i;
    }
    RankingScore.Builder builder = new RankingScore.Builder();
    builder.add(new int[] {12}, queries, outputs, exact);
    assertThat(builder.build().ndcg10()).isZero();
  }
}
