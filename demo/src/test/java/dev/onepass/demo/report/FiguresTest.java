// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.Reply;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
  private static final Sequence SEQUENCE = new Sequence("s", new HeadName(0, 7), 0, 9);
  private static final List<Question> QUESTIONS = List.of(question("a"), question("b"));

  @Test
  void countsErrorsWithinTheStatedError() {
    Figures figures =
        Figures.of(
            QUESTIONS,
            Map.of("a", answer("a", false, 0.1, 0.1), "b", answer("b", false, 0.3, Double.NaN)),
            Map.of("a", new double[] {0.05, 0.2}, "b", new double[] {0.3, 0.9}));

    assertThat(figures.withinStated().orElseThrow()).isEqualTo(2 / 3.0);
    assertThat(figures.median()).isEqualTo(0.3);
    assertThat(figures.worst()).isEqualTo(0.9);
    assertThat(figures.answered()).isEqualTo(2);
    assertThat(figures.exact()).isFalse();
  }

  @Test
  void statedErrorsOfExactAndMissingAnswersDoNotCount() {
    Figures figures =
        Figures.of(
            QUESTIONS,
            Map.of("a", answer("a", true, 0, 0)),
            Map.of("a", new double[] {1e-8, 1e-8}));

    assertThat(figures.withinStated()).isEmpty();
    assertThat(figures.asked()).isEqualTo(2);
    assertThat(figures.answered()).isEqualTo(1);
    assertThat(figures.exact()).isTrue();
    assertThat(Figures.of(QUESTIONS, Map.of(), Map.of()).median()).isNaN();
  }

  private static Question question(String id) {
    return new Question(id, SEQUENCE, new int[] {0, 1}, 9);
  }

  private static Reply.Answer answer(String id, boolean exact, double... error) {
    return new Reply.Answer(id, 9, new double[2][1], error, null, 0, exact, false, 5);
  }
}
