// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.TIMEOUT;
import static dev.onepass.operators.sequence.TestOptions.TIME_TO_LIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.onepass.operators.event.Reply;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences that are dropped because they received no token for their time to live. */
class ExpiryTest {

  /** Expiry is late by at most this time. */
  private static final Duration GRAIN = Duration.ofSeconds(1);

  private final TokenStream tokens = new TokenStream(7);
  private final float[] queries = tokens.queries(1);
  @TempDir Path directory;
  private RunningSequences running;
  private RunningSequences.One sequence;

  private void start(SequenceOptions options) throws Exception {
    running = new RunningSequences(options, directory);
    sequence = running.sequence(FOLDING, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  @Test
  void howeverManyTokensThereIsOneTimerASequence() throws Exception {
    start(TestOptions.mortal());
    RunningSequences.One other = running.sequence(FOLDING, "other");

    for (int token = 0; token < 200; token++) {
      sequence.take(tokens, token);
      other.take(tokens, token);
      assertThat(running.timers()).isEqualTo(2);
      running.pass(Duration.ofMillis(900));
    }
  }

  @Test
  void allStatesGoTogetherAfterTheTimeToLive() throws Exception {
    start(TestOptions.mortal());
    running.pass(Duration.ofMillis(1_234));
    sequence.take(tokens, 0, EXACT_TOKENS + 3);
    sequence.take(tokens, 0);

    running.pass(TIME_TO_LIVE);
    assertThat(sequence.stats().tokens()).isEqualTo(EXACT_TOKENS + 3);
    running.pass(GRAIN);

    assertThat(running.stateEntries()).isZero();
    assertThat(running.timers()).isZero();
    assertThat(sequence.stats().tokens()).isZero();
    assertThat(running.replies()).isEmpty();
  }

  @Test
  void everyTokenStartsTheTimeAnew() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.pass(TIME_TO_LIVE.minusSeconds(1));
    sequence.take(tokens, 1);

    running.pass(TIME_TO_LIVE.minusSeconds(1));
    assertThat(sequence.stats().tokens()).isEqualTo(2);
    assertThat(running.timers()).isEqualTo(1);
    running.pass(GRAIN.plusSeconds(1));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void duplicatesAndQueriesDoNotKeepASequenceAlive() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.pass(TIME_TO_LIVE.minusSeconds(1));
    sequence.take(tokens, 0);
    sequence.ask(queries);

    running.pass(GRAIN.plusSeconds(1));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void waitingQueriesAreAnsweredOnExpiryAndMarked() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.pass(TIME_TO_LIVE.minus(TIMEOUT.dividedBy(2)));
    sequence.askAsOf(9, "q", queries);

    running.pass(TIMEOUT.dividedBy(2).plus(GRAIN));

    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertThat(answer.outputs()).isEmpty())
        .returns("q", Reply::queryId)
        .returns(0L, Reply.Answer::tokens)
        .returns(true, Reply.Answer::timedOut);
    assertThat(running.stateEntries()).isZero();
    assertThat(running.timers()).isZero();
  }

  @Test
  void aQueryAnsweredEarlyDoesNotTakeTheExpiryTimerOfTheSameMillisecondAlong() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    long expiry = sequence.lifetime().expiryTimer();
    running.pass(Duration.ofMillis(expiry).minus(TIMEOUT));
    sequence.askAsOf(2, "q", queries);
    assertThat(sequence.waiting()).singleElement().returns(expiry, w -> w.deadline());

    sequence.take(tokens, 1);
    assertThat(running.answers()).hasSize(1);
    running.pass(TIMEOUT);
    assertThat(sequence.stats().tokens()).isEqualTo(2);
    running.pass(TIME_TO_LIVE.plus(GRAIN));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void expirySurvivesARestart() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.pass(TIME_TO_LIVE.dividedBy(2));

    running.restart(2);
    assertThat(running.timers()).isEqualTo(1);
    running.pass(TIME_TO_LIVE.dividedBy(2).plus(GRAIN));
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void aSequenceBegunAfterExpiryExpiresAgain() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0, 5);
    running.pass(TIME_TO_LIVE.plus(GRAIN));

    sequence.take(tokens, 0);
    assertThat(sequence.stats().tokens()).isEqualTo(1);
    running.pass(TIME_TO_LIVE.plus(GRAIN));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void aLongerTimeToLiveHoldsForSequencesThatAreThere() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);

    running.restart(TestOptions.of(TIME_TO_LIVE.multipliedBy(3), TestOptions.folding()));
    running.pass(TIME_TO_LIVE.multipliedBy(2));
    assertThat(sequence.stats().tokens()).isEqualTo(1);
    running.pass(TIME_TO_LIVE.plus(GRAIN));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void withoutATimeToLiveAnyMoreTheOldTimerDropsNothing() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);

    running.restart(TestOptions.immortal());
    running.pass(TIME_TO_LIVE.multipliedBy(2));

    assertThat(sequence.stats().tokens()).isEqualTo(1);
    assertThat(running.timers()).isZero();
  }

  @Test
  void aSequenceWhoseTimerCameWhileItsHeadWasNotDeclaredExpiresWhenItIsDeclaredAgain()
      throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.restart(TestOptions.of(TIME_TO_LIVE, TestOptions.whole()));
    running.pass(TIME_TO_LIVE.plus(GRAIN));
    running.restart(TestOptions.mortal());
    assertThat(running.timers()).isEqualTo(1);

    running.pass(Duration.ofMinutes(10));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void aTokenAfterThatKeepsItAliveForItsTime() throws Exception {
    start(TestOptions.mortal());
    sequence.take(tokens, 0);
    running.restart(TestOptions.of(TIME_TO_LIVE, TestOptions.whole()));
    running.pass(TIME_TO_LIVE.plus(GRAIN));
    running.restart(TestOptions.mortal());

    sequence.take(tokens, 1);
    running.pass(TIME_TO_LIVE.dividedBy(2));
    assertThat(sequence.stats().tokens()).isEqualTo(2);
    running.pass(Duration.ofMinutes(10));

    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void aQueryThatWaitedWhenItsHeadWasNotDeclaredIsAnsweredWhenItIsDeclaredAgain() throws Exception {
    start(TestOptions.immortal());
    sequence.askAsOf(5, "waited", tokens.queries(1));
    running.restart(TestOptions.of(null, TestOptions.whole()));
    running.pass(TestOptions.TIMEOUT.multipliedBy(2));
    running.restart(TestOptions.immortal());

    running.pass(Duration.ofMinutes(10));

    assertThat(running.answers())
        .extracting(Reply.Answer::queryId, Reply.Answer::timedOut)
        .containsExactly(tuple("waited", true));
  }

  @Test
  void aShorterTimeToLiveHoldsFromTheNextToken() throws Exception {
    start(
        TestOptions.of(TIME_TO_LIVE.multipliedBy(100), TestOptions.folding(), TestOptions.whole()));
    sequence.take(tokens, 0);
    running.restart(TestOptions.mortal());

    sequence.take(tokens, 1);

    assertThat(running.timers()).isEqualTo(1);
    running.pass(TIME_TO_LIVE.plus(GRAIN));
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void withoutATimeToLiveThereAreNoTimersAndTimeLeavesNoTrace() throws Exception {
    start(TestOptions.immortal());
    RunningSequences.One slow = running.sequence(FOLDING, "slow");
    sequence.take(tokens, 0, EXACT_TOKENS + 3);
    for (int token = 0; token < EXACT_TOKENS + 3; token++) {
      running.pass(Duration.ofHours(1));
      slow.take(tokens, token);
    }

    assertThat(running.timers()).isZero();
    assertThat(slow.stored().headerButSince()).containsExactly(sequence.stored().headerButSince());
    assertThat(slow.stored().sketch()).containsExactly(sequence.stored().sketch());
  }
}
