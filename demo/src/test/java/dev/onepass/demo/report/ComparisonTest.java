// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.run.HeadAnchors;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.Reply;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.sequence.Decay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the comparison with exact attention, the second sketch, and the anchor sets of the job. */
class ComparisonTest {
  private static final HeadName HEAD = new HeadName(0, 7);
  private static final int ROWS = 4_000;
  private static final int DIM = 2;
  private static final double INFINITE = Double.POSITIVE_INFINITY;
  private static final HeadRows ROWS_OF_HEAD = random();
  private static final Map<HeadName, HeadRows> HEADS = Map.of(HEAD, ROWS_OF_HEAD);

  @TempDir Path directory;

  @Test
  void comparesAnswersWithExactAttentionOverTheirTokens() {
    Sequence sequence = new Sequence("s", HEAD, 3, 50);
    Question question = new Question("q", sequence, new int[] {3_500}, 50);
    double[] first20 = truth(sequence, question, 20);
    Comparison comparison = new Comparison(HEADS, Decay.NONE);

    assertThat(comparison.errors(question, answer(20, first20))[0]).isLessThan(1e-12);
    assertThat(comparison.errors(question, answer(50, first20))[0]).isBetween(1e-6, 10.0);
  }

  @Test
  void givesImpossibleAnswersAnInfiniteError() {
    Sequence sequence = new Sequence("s", HEAD, 0, 50);
    Question question = new Question("q", sequence, new int[] {3_500}, 50);
    Comparison comparison = new Comparison(HEADS, Decay.NONE);

    assertThat(comparison.errors(question, answer(50, 1e3, 0))).containsExactly(INFINITE);
    assertThat(comparison.errors(question, answer(50, Double.NaN, 0))).containsExactly(INFINITE);
    assertThat(comparison.errors(question, answer(50, 0))).containsExactly(INFINITE);
    assertThat(comparison.errors(question, answer(51, 0, 0))).containsExactly(INFINITE);
  }

  @Test
  void feedsAnotherSketchTheSameTokensInTheSameBytes() {
    Plan plan = Plan.draw(List.of(HEAD), ROWS, 32, 0, 80, 7);
    Sequence sequence = plan.longSequences().get(0);
    List<Question> end =
        plan.questionsAbout(sequence).stream().filter(q -> !q.inTheMiddle()).toList();

    SecondSketch second =
        SecondSketch.run(
            PolynomialFamily.INSTANCE,
            8 << 10,
            Decay.NONE,
            plan,
            HEADS,
            new Comparison(HEADS, Decay.NONE));

    assertThat(second.sketch()).isEqualTo("polynomial");
    assertThat(second.stateBytes(sequence)).isBetween(1L, 8L << 10);
    Figures figures = second.figures(end);
    assertThat(figures.answered()).isEqualTo(end.size());
    assertThat(figures.exact()).isFalse();
    assertThat(figures.median()).isBetween(1e-4, 0.2);
  }

  /** Half-lives in tokens and in time are the same weights; ignoring them is an error. */
  @Test
  void comparesWithExactDecayedAttention() {
    Plan plan = Plan.draw(List.of(HEAD), ROWS, 32, 0, 80, 7);
    Sequence sequence = plan.longSequences().get(0);
    List<Question> end =
        plan.questionsAbout(sequence).stream().filter(q -> !q.inTheMiddle()).toList();
    Duration halfLife = Duration.ofMillis(100L * Plan.TOKEN_MILLIS);
    for (Decay decay : List.of(Decay.byTokens(100), Decay.byTime(halfLife))) {
      Comparison comparison = new Comparison(HEADS, decay);
      SecondSketch exact =
          SecondSketch.run(ExactFamily.INSTANCE, 1 << 20, decay, plan, HEADS, comparison);
      SecondSketch polynomial =
          SecondSketch.run(PolynomialFamily.INSTANCE, 8 << 10, decay, plan, HEADS, comparison);
      SecondSketch alike = SecondSketch.withoutDecay(plan, HEADS, comparison);

      assertThat(exact.figures(end).worst()).isLessThan(1e-4);
      assertThat(polynomial.figures(end).median()).isBetween(1e-5, 0.05);
      assertThat(alike.sketch()).isEqualTo("exact, no decay");
      assertThat(alike.stateBytes(sequence)).isEqualTo(256L * ROWS);
      assertThat(alike.figures(end).median()).isBetween(0.1, 10.0);
    }
  }

  @Test
  void makesAnchorSetsOnlyFromEnoughRows() throws Exception {
    HeadAnchors anchors = HeadAnchors.make(HEADS, 7);
    Path file = directory.resolve("sets");
    anchors.write(file);

    assertThat(anchors.has(HEAD)).isTrue();
    assertThat(anchors).asString().contains("version 1, up to 1200 anchors per head");
    assertThat(Files.size(file)).isGreaterThan(1_200L * DIM * Float.BYTES);
    HeadRows few = new HeadRows(3, 1, new float[3], new float[3], new float[3]);
    assertThat(HeadAnchors.make(Map.of(HEAD, few), 7).isEmpty()).isTrue();
  }

  private static HeadRows random() {
    Random random = new Random(7);
    float[][] all = new float[3][ROWS * DIM];
    for (float[] floats : all) {
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) random.nextGaussian();
      }
    }
    return new HeadRows(ROWS, DIM, all[0], all[1], all[2]);
  }

  private static double[] truth(Sequence sequence, Question question, int tokens) {
    int from = sequence.firstRow() * DIM;
    return ExactAttention.attention(
            Arrays.copyOfRange(
                ROWS_OF_HEAD.queries(), question.rows()[0] * DIM, (question.rows()[0] + 1) * DIM),
            1,
            Arrays.copyOfRange(ROWS_OF_HEAD.keys(), from, from + tokens * DIM),
            Arrays.copyOfRange(ROWS_OF_HEAD.values(), from, from + tokens * DIM),
            tokens,
            DIM,
            DIM,
            1 / Math.sqrt(DIM))
        .outputs();
  }

  private static Reply.Answer answer(int tokens, double... output) {
    return new Reply.Answer(
        "q", tokens, new double[][] {output}, new double[] {0}, null, 0, false, false, 5);
  }
}
