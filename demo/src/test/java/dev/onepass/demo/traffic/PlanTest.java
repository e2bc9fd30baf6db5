// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.demo.traffic.Plan.Question;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private static final List<HeadName> HEADS = List.of(new HeadName(0, 7), new HeadName(1, 8));

  @Test
  void queriesComeFromLaterRowsAndCoverMiddleAndEnd() {
    Plan plan = Plan.draw(HEADS, 10_000, 100, 30, 80, 7);

    assertThat(plan.longSequences()).hasSize(2).allMatch(s -> s.tokens() == 10_000);
    assertThat(plan.shortSequences())
        .hasSize(30)
        .allMatch(s -> s.tokens() >= 1 && s.tokens() <= 80)
        .allMatch(s -> s.firstRow() >= 0 && s.firstRow() + s.tokens() <= 10_000);
    assertThat(plan.questions()).extracting(Question::id).doesNotHaveDuplicates();
    List<Question> about = plan.questionsAbout(plan.longSequences().get(0));
    assertThat(about.stream().mapToInt(q -> q.rows().length).sum()).isEqualTo(100);
    assertThat(about).extracting(Question::asOf).containsOnly(5_000, 10_000);
    assertThat(plan.questions())
        .allMatch(q -> IntStream.of(q.rows()).allMatch(row -> row >= 7_600 && row < 10_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void plansTrafficForVeryFewTokens(int tokens) {
    Plan plan = Plan.draw(HEADS, tokens, 32, 5, 80, 7);

    assertThat(plan.sequences()).allMatch(s -> s.firstRow() + s.tokens() <= tokens);
    assertThat(plan.questions()).allMatch(q -> q.asOf() >= 1 && q.asOf() <= q.sequence().tokens());
  }
}
