// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.STATING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.RunningSequences;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.sequence.TokenStream;
import dev.onepass.sketch.exact.ExactAttention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measured true errors equal those of exact attention over the same tokens. */
class ShadowsTest {

  private static final int MOST_TOKENS = 500;
  private static final ShadowSampling ALL = new ShadowSampling(1, MOST_TOKENS);
  private static final TokenStream STREAM = new TokenStream(17);

  @TempDir Path directory;

  private RunningSequences running;
  private RunningSequences.One sequence;

  @BeforeEach
  void start() throws Exception {
    running = new RunningSequences(TestOptions.shadowed(ALL), directory);
    sequence = running.sequence(STATING, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private long[] measured() {
    return running.histogram("head", STATING, "trueErrorPpm");
  }

  private long counter(String name) {
    return running.counter("head", STATING, name);
  }

  private static List<Integer> tokens(int count) {
    return new ArrayList<>(IntStream.range(0, count).boxed().toList());
  }

  /** Returns |y - t| / |t| of one answer, sorted; the values of these streams are far from 0. */
  private static double[] errors(Reply.Answer answer, float[] queries, List<Integer> tokens) {
    ExactAttention.Result truth = STREAM.oracle(queries, tokens);
    double[] errors = new double[answer.outputs().length];
    for (int q = 0; q < errors.length; q++) {
      double difference = 0;
      double length = 0;
      for (int c = 0; c < TokenStream.VALUE_DIM; c++) {
        double t = truth.outputs()[q * TokenStream.VALUE_DIM + c];
        difference += Math.pow(answer.outputs()[q][c] - t, 2);
        length += t * t;
      }
      errors[q] = Math.sqrt(difference / length);
    }
    return errors;
  }

  private void assertMeasured(Reply.Answer answer, float[] queries, List<Integer> tokens) {
    double[] errors = errors(answer, queries, tokens);
    int within = 0;
    for (int q = 0; q < errors.length; q++) {
      within += errors[q] <= answer.error()[q] ? 1 : 0;
    }
    Arrays.sort(errors);
    long[] measured = measured();
    assertThat(measured).hasSize(errors.length);
    for (int q = 0; q < errors.length; q++) {
      // The metric rounds up, and exact attention sums in another order.
      assertThat(measured[q] - errors[q] * 1e6).isBetween(-1e-3, 1 + 1e-3);
    }
    assertThat(counter("shadowVectorsWithinStated")).isEqualTo(within);
    assertThat(counter("shadowVectorsBeyondStated")).isEqualTo(errors.length - within);
  }

  @Test
  void measuresWhatExactAttentionSays() throws Exception {
    sequence.take(STREAM, 0, 400);
    float[] queries = STREAM.queries(8);
    Reply.Answer answer = sequence.ask(queries);

    assertThat(answer.exact()).isFalse();
    assertThat(answer.error()).doesNotContain(Float.NaN);
    assertMeasured(answer, queries, tokens(400));
  }

  /** With a family that is not calibrated. */
  @Test
  void errorsThatAreNotStatedAreMeasuredToo() throws Exception {
    var other = running.sequence(FOLDING, "s");
    other.take(STREAM, 0, 90);
    other.ask(STREAM.queries(3));

    assertThat(running.histogram("head", FOLDING, "trueErrorPpm")).hasSize(3);
    assertThat(running.counter("head", FOLDING, "shadowVectorsWithinStated")).isZero();
    assertThat(running.counter("head", FOLDING, "shadowVectorsBeyondStated")).isZero();
  }

  @Test
  void exactAnswersAreNotMeasured() throws Exception {
    sequence.take(STREAM, 0, 30);
    sequence.ask(STREAM.queries(2));

    assertThat(measured()).isEmpty();
  }

  @Test
  void measuresTheFirstVectorsOfMany() throws Exception {
    sequence.take(STREAM, 0, 400);
    sequence.ask(STREAM.queries(50));

    assertThat(measured()).hasSize(8);
  }

  @Test
  void followsRetractions() throws Exception {
    sequence.take(STREAM, 0, 390);
    sequence.retract(STREAM, 3);
    sequence.retract(STREAM, 389);
    sequence.take(STREAM, 390, 400);
    List<Integer> left = tokens(400);
    left.removeAll(List.of(3, 389));
    float[] queries = STREAM.queries(4);
    Reply.Answer answer = sequence.ask(queries);

    assertThat(answer.tokens()).isEqualTo(398);
    assertMeasured(answer, queries, left);
  }

  @Test
  void followsThroughRestartsAndRescaling() throws Exception {
    sequence.take(STREAM, 0, 150);
    running.restart(2);
    sequence.take(STREAM, 150, 300);
    running.restart(1);
    sequence.take(STREAM, 300, 400);
    float[] queries = STREAM.queries(4);

    assertMeasured(sequence.ask(queries), queries, tokens(400));
  }

  @Test
  void endsWithTheFirstTokenTooMany() throws Exception {
    sequence.take(STREAM, 0, MOST_TOKENS);
    sequence.ask(STREAM.queries(1));
    assertThat(measured()).hasSize(1);
    assertThat(counter("shadowsEnded")).isZero();
    int kept = running.stateEntries();

    sequence.take(STREAM, MOST_TOKENS, MOST_TOKENS + 10);
    sequence.ask(STREAM.queries(1));
    assertThat(measured()).hasSize(1);
    assertThat(counter("shadowsEnded")).isEqualTo(1);
    assertThat(running.stateEntries()).isLessThan(kept);
  }

  @Test
  void goesWithItsSequence() throws Exception {
    sequence.take(STREAM, 0, 50);
    sequence.forget();
    assertThat(running.stateEntries()).isZero();

    sequence.take(STREAM, 10, 400);
    float[] queries = STREAM.queries(3);
    List<Integer> later = tokens(400);
    later.removeIf(token -> token < 10);
    assertMeasured(sequence.ask(queries), queries, later);

    running.pass(TestOptions.TIME_TO_LIVE.plus(Duration.ofSeconds(2)));
    assertThat(running.stateEntries()).isZero();
    assertThat(counter("shadowsEnded")).isZero();
  }

  @Test
  void onlyWholeSequencesAreMeasured() throws Exception {
    sequence.take(STREAM, 0, 300);
    running.restart(TestOptions.shadowed(ShadowSampling.OFF));
    sequence.take(STREAM, 300);
    running.sequence(STATING, "begun without").take(STREAM, 0, 300);

    running.restart(TestOptions.shadowed(ALL));
    sequence.ask(STREAM.queries(1));
    sequence.take(STREAM, 301);
    sequence.ask(STREAM.queries(1));
    running.sequence(STATING, "begun without").take(STREAM, 300);
    running.sequence(STATING, "begun without").ask(STREAM.queries(1));

    assertThat(measured()).isEmpty();
    assertThat(counter("shadowsEnded")).isEqualTo(1);
  }

  @Test
  void aSequenceThatIsForgottenWhileSamplingIsOffLeavesNoShadow() throws Exception {
    sequence.take(STREAM, 0, 5);
    running.restart(TestOptions.shadowed(ShadowSampling.OFF));
    sequence.forget();

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void theChoiceHangsOnTheIdAlone() {
    ShadowSampling tenth = new ShadowSampling(10, MOST_TOKENS);
    List<String> ids = IntStream.range(0, 10_000).mapToObj(i -> "user-" + i).toList();

    assertThat(ids.stream().filter(tenth::covers).count()).isBetween(900L, 1_100L);
    assertThat(ids).allMatch(ALL::covers).noneMatch(ShadowSampling.OFF::covers);
    assertThat(ids.stream().filter(tenth::covers).limit(3))
        .containsExactly("user-2", "user-21", "user-31");
  }
}
