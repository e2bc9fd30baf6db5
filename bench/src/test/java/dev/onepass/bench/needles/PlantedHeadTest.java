// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.needles;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlantedHeadTest {
  private static final int ROWS = 20_000;
  private static final Head HEAD = Planted.gaussian(ROWS, 8, 4, 0.5, Planted.Values.SIGNAL, 7);
  private static final int FIRST_TOKEN = Feed.firstToken(HEAD);

  /** The needles are rows 5 000 and 15 000, of which the second is a token. */
  @ParameterizedTest
  @EnumSource(names = {"OUTLIERS", "SINKS"})
  void lateQueriesAskForTokensAndEarlyOnesDoNot(Planting planting) {
    PlantedHead planted = PlantedHead.evenly(HEAD, planting, 7);
    int[] asking = planted.askingRows(0);
    assertThat(asking).hasSize(ROWS / PlantedHead.QUERIES);
    assertThat(Arrays.stream(asking).filter(row -> row >= FIRST_TOKEN))
        .allMatch(row -> weight(planted.head(), row, 15_000) > 0.4);
    assertThat(Arrays.stream(asking).filter(row -> row < FIRST_TOKEN))
        .isNotEmpty()
        .allMatch(row -> weight(planted.head(), row, 15_000) < 0.1);
  }

  @Test
  void needlesDivideTheTokensEvenly() {
    PlantedHead planted = PlantedHead.atDepths(HEAD, Planting.OUTLIERS, 10, 7);
    int tokens = ROWS - FIRST_TOKEN;
    int[] rows = planted.askingRows(TestSet.firstRow(HEAD));
    Feed feed = Feed.behindAnchors(planted.head());
    TestSet test = TestSet.of(feed, planted.head().queries(rows), answered -> {});
    float[][] exact = new float[rows.length][4];
    for (int q = 0; q < rows.length; q++) {
      for (int c = 0; c < 4; c++) {
        exact[q][c] = (float) test.exact()[q][c];
      }
    }
    SortedMap<Integer, PlantedHead.Recall> recalls =
        planted.recalls(rows, test, new Method.Answered(exact, new float[rows.length]));
    assertThat(recalls.keySet())
        .containsExactlyElementsOf(
            IntStream.range(0, 10)
                .map(i -> FIRST_TOKEN + (2 * i + 1) * tokens / 20)
                .boxed()
                .toList());
    assertThat(recalls.values()).allMatch(recall -> recall.found() == recall.counted());
    float[][] zero = new float[rows.length][4];
    assertThat(planted.recall(rows, test, new Method.Answered(zero, new float[rows.length])))
        .isLessThan(0.2);
  }

  /** Returns the weight of a token for the query of a row, over all tokens. */
  private static double weight(Head head, int row, int token) {
    double sum =
        IntStream.range(FIRST_TOKEN, ROWS).mapToDouble(j -> Math.exp(logit(head, row, j))).sum();
    return Math.exp(logit(head, row, token)) / sum;
  }

  private static double logit(Head head, int row, int token) {
    int d = head.keyDim();
    return head.scale()
        * IntStream.range(0, d)
            .mapToDouble(i -> (double) head.queries()[row * d + i] * head.keys()[token * d + i])
            .sum();
  }
}
