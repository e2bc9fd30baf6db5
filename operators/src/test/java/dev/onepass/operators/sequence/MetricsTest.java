// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.STATING;
import static dev.onepass.operators.sequence.TestOptions.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each metric counts its events, and gauges survive restarts. */
class MetricsTest {

  private static final TokenStream STREAM = new TokenStream(5);
  private static final String HEAD = "head";

  @TempDir Path directory;

  private RunningSequences running;

  @BeforeEach
  void start() throws Exception {
    running =
        new RunningSequences(
            TestOptions.of(
                TestOptions.TIME_TO_LIVE,
                TestOptions.anchors(),
                TestOptions.folding(),
                TestOptions.whole(),
                TestOptions.stating()),
            directory);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private long ofHead(String name) {
    return running.counter(HEAD, FOLDING, name);
  }

  private long gauge(String name) {
    return running.gauge(HEAD, FOLDING, name);
  }

  @Test
  void tokensAndWhatIsNoNewToken() throws Exception {
    var sequence = running.sequence(FOLDING, "s");
    sequence.take(STREAM, 0, 5);
    sequence.take(STREAM, 3);
    sequence.retract(STREAM, 4);
    sequence.takeWithoutPosition(STREAM, 6);

    assertThat(running.counter("tokens")).isEqualTo(5);
    assertThat(running.counter("duplicates")).isEqualTo(1);
    assertThat(running.counter("retractions")).isEqualTo(1);
    assertThat(running.counter("refused")).isEqualTo(1);
  }

  @Test
  void foldsAreCountedAndTimed() throws Exception {
    var sequence = running.sequence(FOLDING, "s");
    sequence.take(STREAM, 0, EXACT_TOKENS);
    assertThat(ofHead("folds")).isZero();

    sequence.take(STREAM, EXACT_TOKENS);
    assertThat(ofHead("folds")).as("left exact mode").isEqualTo(1);
    sequence.take(STREAM, EXACT_TOKENS + 1, EXACT_TOKENS + 1 + 3 * TestOptions.CUT);
    assertThat(ofHead("folds")).isEqualTo(4);

    long[] micros = running.histogram(HEAD, FOLDING, "foldMicros");
    assertThat(micros).hasSize(4);
    assertThat(micros[0]).isNotNegative();
    assertThat(micros[3]).isPositive();
  }

  @Test
  void queriesAndTheirAnswers() throws Exception {
    var sequence = running.sequence(STATING, "s");
    sequence.ask(STREAM.queries(2));
    assertThat(running.counter("unanswered")).isEqualTo(1);
    assertThat(running.counter("exactAnswers")).isZero();

    sequence.take(STREAM, 0, 10);
    sequence.ask(STREAM.queries(3));
    assertThat(running.counter("exactAnswers")).isEqualTo(1);
    assertThat(running.histogram(HEAD, STATING, "statedErrorPpm")).isEmpty();

    sequence.take(STREAM, 10, 300);
    Reply.Answer answer = sequence.ask(STREAM.queries(4));
    assertThat(answer.exact()).isFalse();
    assertThat(running.histogram(HEAD, STATING, "statedErrorPpm")).isEqualTo(ppm(answer.error()));

    assertThat(running.counter("queries")).isEqualTo(3);
    assertThat(running.counter("queryVectors")).isEqualTo(9);
    assertThat(running.counter("answers")).isEqualTo(3);
    assertThat(running.histogram(HEAD, STATING, "queryMicros")).hasSize(3);
    assertThat(running.counter("timedOut")).isZero();
  }

  private static long[] ppm(float[] errors) {
    long[] ppm = new long[errors.length];
    Arrays.setAll(ppm, q -> (long) Math.ceil(errors[q] * 1e6));
    Arrays.sort(ppm);
    return ppm;
  }

  @Test
  void errorsThatAreNotStatedAreNotCounted() throws Exception {
    var sequence = running.sequence(FOLDING, "s");
    sequence.take(STREAM, 0, 80);

    assertThat(sequence.ask(STREAM.queries(1)).error()).containsExactly(Float.NaN);
    assertThat(running.counter("answers")).isEqualTo(1);
    assertThat(running.histogram(HEAD, FOLDING, "statedErrorPpm")).isEmpty();
  }

  @Test
  void logitsBeyondTheBound() throws Exception {
    var sequence = running.sequence(FOLDING, "s");
    sequence.take(STREAM, 0, 80);
    float[] far = STREAM.queries(1);
    for (int i = 0; i < far.length; i++) {
      far[i] *= 1_000;
    }
    Reply.Answer answer = sequence.ask(far);

    assertThat(answer.beyondBound()[0]).isGreaterThan(0.5f);
    assertThat(running.counter("vectorsMostlyBeyondBound")).isEqualTo(1);
    assertThat(running.counter("logitsBeyondBound"))
        .isEqualTo(Math.round(answer.beyondBound()[0] * 80.0))
        .isBetween(40L, 80L);
  }

  @Test
  void waitingQueriesAndThoseThatWaitedInVain() throws Exception {
    var sequence = running.sequence(FOLDING, "s");
    sequence.take(STREAM, 0, 5);
    sequence.askAsOf(6, "soon", STREAM.queries(1));
    sequence.askAsOf(100, "never", STREAM.queries(1));
    assertThat(gauge("waitingQueries")).isEqualTo(2);

    sequence.take(STREAM, 5);
    assertThat(gauge("waitingQueries")).isEqualTo(1);
    assertThat(running.counter("timedOut")).isZero();

    running.pass(TestOptions.TIMEOUT);
    assertThat(gauge("waitingQueries")).isZero();
    assertThat(running.counter("timedOut")).isEqualTo(1);
    assertThat(running.counter("answers")).isEqualTo(2);
  }

  @Test
  void aSequencesLife() throws Exception {
    var folding = running.sequence(FOLDING, "folding");
    folding.take(STREAM, 0, 3);
    assertThat(gauge("sequences")).isEqualTo(1);
    assertThat(gauge("exactSequences")).isEqualTo(1);
    assertThat(gauge("stateBytes")).isEqualTo(folding.stats().stateBytes()).isPositive();

    folding.take(STREAM, 3, 100);
    var exact = running.sequence(FOLDING, "exact");
    exact.take(STREAM, 0, 7);
    assertThat(gauge("sequences")).isEqualTo(2);
    assertThat(gauge("exactSequences")).isEqualTo(1);
    assertThat(gauge("stateBytes"))
        .isEqualTo(folding.stats().stateBytes() + exact.stats().stateBytes());
    assertThat(ofHead("sequencesBegun")).isEqualTo(2);
    assertThat(ofHead("sequencesLeftExactMode")).isEqualTo(1);
    assertThat(running.gauge(HEAD, WHOLE, "sequences")).isZero();

    exact.forget();
    assertThat(ofHead("sequencesEnded")).isEqualTo(1);
    assertThat(ofHead("sequencesLeftExactMode")).isEqualTo(1);
    assertThat(running.counter("expired")).isZero();

    running.pass(TestOptions.TIME_TO_LIVE.plus(Duration.ofSeconds(2)));
    assertThat(ofHead("sequencesEnded")).isEqualTo(2);
    assertThat(running.counter("expired")).isEqualTo(1);
    assertThat(gauge("sequences")).isZero();
    assertThat(gauge("exactSequences")).isZero();
    assertThat(gauge("stateBytes")).isZero();
  }

  @Test
  void gaugesSurviveRestartsAndRescaling() throws Exception {
    fill();
    long bytes = gauge("stateBytes");

    running.restart(1);
    assertPopulation(bytes);
    running.restart(3);
    assertPopulation(bytes);
    running.restart(3);
    assertPopulation(bytes);
    running.restart(2);
    assertPopulation(bytes);
    assertThat(ofHead("sequencesBegun")).as("counters restart").isZero();
  }

  @Test
  void sequencesOfSavepointsWithoutCountsAreCounted() throws Exception {
    fill();
    long bytes = gauge("stateBytes");

    running.restartWithoutOperatorState(2);

    assertPopulation(bytes);
    running.sequence(FOLDING, "s1").forget();
    assertThat(gauge("sequences")).isEqualTo(19);
  }

  /** Events after the checkpoint are not counted twice when they are processed again. */
  @Test
  void gaugesGoBackWithTheState() throws Exception {
    fill();
    long bytes = gauge("stateBytes");
    var checkpoint = running.checkpoint();
    running.sequence(FOLDING, "new").take(STREAM, 0, 9);
    running.sequence(FOLDING, "s1").forget();

    running.restore(checkpoint, 1);

    assertPopulation(bytes);
  }

  /** Makes twenty sequences, every other one exact, and one waiting query. */
  private void fill() throws Exception {
    for (int s = 0; s < 20; s++) {
      running.sequence(FOLDING, "s" + s).take(STREAM, 0, s % 2 == 0 ? 4 : 70);
    }
    running.sequence(FOLDING, "s0").askAsOf(50, "q", STREAM.queries(1));
  }

  private void assertPopulation(long bytes) {
    assertThat(gauge("sequences")).isEqualTo(20);
    assertThat(gauge("exactSequences")).isEqualTo(10);
    assertThat(gauge("stateBytes")).isEqualTo(bytes);
    assertThat(gauge("waitingQueries")).isEqualTo(1);
  }
}
