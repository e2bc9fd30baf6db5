// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.CUT;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Decay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens with biases, in sequences that decay, against exact attention with their weights. */
class DecayTest {

  private static final double LN2 = Math.log(2);
  private static final double ROUNDING = 1e-5;

  /** Error of the polynomial, whose logits are within its bound. */
  private static final double FAMILY_BOUND = 0.02;

  /** A time in 2027, far from 0 in half-lives. */
  private static final long BEGIN = 1_800_000_000_000L;

  /** Milliseconds between tokens. */
  private static final long STEP = 60_000;

  private static final long HALF_LIFE = 20 * STEP;
  private static final int EXACT = TestOptions.folding().withDecay(byTime()).layout().exactTokens();
  private static final int MANY = 3 * EXACT + 5;

  @TempDir Path directory;

  private final TokenStream tokens = new TokenStream(11);
  private final float[] queries = tokens.queries(3);
  private RunningSequences running;
  private RunningSequences.One sequence;

  private static Decay byTime() {
    return Decay.byTime(Duration.ofMillis(HALF_LIFE));
  }

  private static SequenceOptions options(Duration timeToLive, Decay decay) {
    return TestOptions.of(timeToLive, TestOptions.folding().withDecay(decay));
  }

  @BeforeEach
  void start() throws Exception {
    start(options(null, byTime()));
  }

  private void start(SequenceOptions options) throws Exception {
    close();
    running = new RunningSequences(options, directory);
    running.pass(Duration.ofMillis(BEGIN + MANY * STEP - running.now()));
    sequence = running.sequence(FOLDING, "s");
  }

  @AfterEach
  void close() throws Exception {
    if (running != null) {
      running.close();
    }
  }

  private static long time(int token) {
    return BEGIN + token * STEP;
  }

  private static double bias(int token) {
    return token % 3 - 1;
  }

  private void take(RunningSequences.One to, int from, int end) throws Exception {
    for (int token = from; token < end; token++) {
      to.at(time(token)).biased(bias(token)).take(tokens, token);
    }
  }

  private Reply.Answer ask(long timestamp) throws Exception {
    return sequence.at(timestamp).ask(queries);
  }

  private static IntToDoubleFunction weights(long now) {
    return token -> bias(token) - LN2 * (now - time(token)) / HALF_LIFE;
  }

  private ExactAttention.Result truth(List<Integer> kept, IntToDoubleFunction weights) {
    return tokens.oracle(queries, kept, weights);
  }

  private static List<Integer> first(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void anAnswerWeighsTokensByTheirAgeAtTheTimeOfTheQuery() throws Exception {
    for (int count : new int[] {1, EXACT, EXACT + 1, MANY}) {
      take(sequence, (int) sequence.stats().tokens(), count);
      for (long after : new long[] {0, STEP / 2, HALF_LIFE, 1_000 * HALF_LIFE}) {
        long now = time(count - 1) + after;
        if (now > running.now()) {
          running.pass(Duration.ofMillis(now - running.now()));
        }

        Reply.Answer answer = ask(now);

        assertThat(answer.exact()).isEqualTo(count <= EXACT);
        TokenStream.assertClose(
            answer, truth(first(count), weights(now)), answer.exact() ? ROUNDING : FAMILY_BOUND);
      }
    }
    assertThat(running.deadLetters()).isEmpty();
  }

  /** A query may be older than the newest token; the clock does not go back for it. */
  @Test
  void theTimeOfAnAnswerIsAtLeastThatOfTheNewestToken() throws Exception {
    take(sequence, 0, 10);

    assertThat(ask(time(2)))
        .usingRecursiveComparison()
        .ignoringFields("origin")
        .isEqualTo(ask(time(9)));
    TokenStream.assertClose(ask(time(2)), truth(first(10), weights(time(9))), ROUNDING);
  }

  @Test
  void aTokenThatIsOlderThanTheNewestCountsAsNew() throws Exception {
    take(sequence, 0, 5);
    sequence.at(time(1)).biased(bias(5)).take(tokens, 5);

    IntToDoubleFunction late = t -> t == 5 ? bias(5) : weights(time(4)).applyAsDouble(t);
    TokenStream.assertClose(ask(time(4)), truth(first(6), late), ROUNDING);
  }

  @Test
  void aWaitingQueryIsAnsweredAtTheTimeOfTheTokenThatReachesIt() throws Exception {
    take(sequence, 0, 3);
    sequence.at(time(3)).askAsOf(8, "waits", queries);
    take(sequence, 3, 8);

    assertThat(running.answers())
        .singleElement()
        .satisfies(
            answer -> TokenStream.assertClose(answer, truth(first(8), weights(time(7))), ROUNDING));
  }

  @Test
  void decayByTokensNeedsNoTimestamps() throws Exception {
    start(options(null, Decay.byTokens(20)));
    RunningSequences.One timeless = sequence.at(-1);
    for (int count = 1; count <= MANY; count++) {
      timeless.biased(bias(count - 1)).take(tokens, count - 1);
      if (count % 20 == 0) {
        int newest = count - 1;
        Reply.Answer answer = timeless.ask(queries);
        TokenStream.assertClose(
            answer,
            truth(first(count), token -> bias(token) - LN2 * (newest - token) / 20),
            answer.exact() ? ROUNDING : FAMILY_BOUND);
      }
    }
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void aTimestampThatIsNoneOrOfTheFutureIsADeadLetter() throws Exception {
    take(sequence, 0, 3);
    long tooLate = running.now() + Duration.ofMinutes(10).toMillis() + 1;

    sequence.at(-1).take(tokens, 3);
    sequence.at(BEGIN / 1_000).take(tokens, 3);
    sequence.at(tooLate).take(tokens, 3);
    sequence.at(tooLate).askAsOf(0, "future", queries);

    assertThat(running.replies()).isEmpty();
    assertThat(running.deadLetters())
        .extracting(DeadLetter::error)
        .satisfiesExactly(
            none ->
                assertThat(none)
                    .startsWith(
                        "timestamp: -1, the record has none, but decay.half-life needs one"),
            seconds -> assertThat(seconds).contains("looks like seconds"),
            future -> assertThat(future).contains("order.ahead allows only 600000 ms"),
            future -> assertThat(future).contains("order.ahead allows only 600000 ms"));
    sequence.at(tooLate - 1).take(tokens, 3);
    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.stats().tokens()).isEqualTo(4);
  }

  @Test
  void aPendingTokenIsRetractedByItsBias() throws Exception {
    take(sequence, 0, 6);
    sequence.retract(tokens, 3);
    assertThat(running.deadLetters())
        .singleElement()
        .extracting(DeadLetter::error)
        .isEqualTo(Acceptance.NOTHING_TO_RETRACT.reason());

    sequence.biased(bias(2)).retract(tokens, 2);

    TokenStream.assertClose(
        ask(time(5)), truth(List.of(0, 1, 3, 4, 5), weights(time(5))), ROUNDING);
  }

  @Test
  void aFoldedTokenIsRetractedByItsTimestamp() throws Exception {
    take(sequence, 0, MANY);
    int folded = MANY - 2 * CUT;
    sequence.biased(bias(folded)).retract(tokens, folded);
    assertThat(running.deadLetters())
        .singleElement()
        .extracting(DeadLetter::error)
        .isEqualTo(Acceptance.NEEDS_TIME.reason());

    sequence.biased(bias(folded)).retract(tokens, folded, time(folded));

    List<Integer> kept = new ArrayList<>(first(MANY));
    kept.remove(folded);
    TokenStream.assertClose(ask(time(MANY)), truth(kept, weights(time(MANY))), FAMILY_BOUND);
  }

  @Test
  void aChangedHalfLifeAppliesToNewSequences() throws Exception {
    take(sequence, 0, 10);
    running.restart(options(null, Decay.byTokens(3)));
    take(sequence, 10, 20);
    TokenStream.assertClose(ask(time(20)), truth(first(20), weights(time(20))), ROUNDING);

    running.restart(options(null, Decay.NONE));
    TokenStream.assertClose(ask(time(20)), truth(first(20), weights(time(20))), ROUNDING);
    sequence.forget();
    take(sequence, 0, 20);
    TokenStream.assertClose(ask(time(20)), truth(first(20), DecayTest::bias), ROUNDING);
  }

  @Test
  void aForgottenSequenceBeginsItsClockAgain() throws Exception {
    take(sequence, 10, EXACT + 20);
    sequence.forget();
    take(sequence, 0, 5);

    assertThat(sequence.header().clock()).isEqualTo(time(4));
    TokenStream.assertClose(ask(time(5)), truth(first(5), weights(time(5))), ROUNDING);
  }

  @Test
  void anExpiredSequenceBeginsItsClockAgain() throws Exception {
    start(options(Duration.ofHours(1), byTime()));
    take(sequence, 0, EXACT + 20);
    running.pass(Duration.ofHours(2));
    assertThat(sequence.stats().tokens()).isZero();
    take(sequence, 0, 5);

    assertThat(sequence.header().clock()).isEqualTo(time(4));
    TokenStream.assertClose(ask(time(5)), truth(first(5), weights(time(5))), ROUNDING);
  }

  /** Restores at another parallelism, and replays what came after the checkpoint. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyBitIsTheSameAfterARestore(boolean byTime) throws Exception {
    start(options(null, byTime ? byTime() : Decay.byTokens(20)));
    RunningSequences.One straight = running.sequence(FOLDING, "straight");
    take(straight, 0, MANY);
    straight.biased(bias(MANY - 1)).retract(tokens, MANY - 1);

    take(sequence, 0, EXACT - 1);
    running.restart(2);
    take(sequence, EXACT - 1, EXACT + 3);
    RunningSequences.Checkpoint checkpoint = running.checkpoint();
    take(sequence, EXACT + 3, MANY - 10);
    running.restore(checkpoint, 3);
    take(sequence, EXACT + 3, MANY);
    running.restart(1);
    sequence.biased(bias(MANY - 1)).retract(tokens, MANY - 1);

    assertThat(sequence.stored().butSince())
        .usingRecursiveComparison()
        .isEqualTo(straight.stored().butSince());
    assertThat(ask(time(MANY)).outputs())
        .isDeepEqualTo(straight.at(time(MANY)).ask(queries).outputs());
  }

  /** Rooms for biases and times are within the state size. */
  @Test
  void bytesNeverExceedTheStateSize() throws Exception {
    for (int count = 1; count <= MANY; count++) {
      take(sequence, count - 1, count);
      assertThat(sequence.stored().bytes())
          .isLessThanOrEqualTo(sequence.stats().stateBytes())
          .isLessThanOrEqualTo(TestOptions.STATE_SIZE);
    }
  }
}
