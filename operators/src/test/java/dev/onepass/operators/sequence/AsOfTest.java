// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.MAX_WAITING;
import static dev.onepass.operators.sequence.TestOptions.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries that wait until their sequence has accepted the tokens they ask for. */
class AsOfTest {
  private static final double ROUNDING = 1e-5;

  private final TokenStream tokens = new TokenStream(4);
  private final float[] queries = tokens.queries(2);
  private RunningSequences running;
  private RunningSequences.One sequence;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    running = new RunningSequences(TestOptions.immortal(), directory);
    sequence = running.sequence(FOLDING, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  @Test
  void isAnsweredAtOnceWhenTheSequenceHasThatManyTokens() throws Exception {
    sequence.take(tokens, 0, 5);

    sequence.askAsOf(5, "q", queries);

    assertThat(running.answers()).singleElement().satisfies(answer -> assertOnTime(answer, 5));
    assertThat(running.timers()).isZero();
  }

  @Test
  void isAnsweredInsideTheTokenThatReachesItAndNotBefore() throws Exception {
    RawRecord origin = sequence.askAsOf(7, "q", queries);

    sequence.take(tokens, 0, 6);
    assertThat(running.replies()).isEmpty();
    sequence.take(tokens, 6);

    assertThat(running.answers())
        .singleElement()
        .satisfies(
            answer -> {
              assertOnTime(answer, 7);
              assertThat(answer.queryId()).isEqualTo("q");
              assertThat(answer.origin()).usingRecursiveComparison().isEqualTo(origin);
            });
    assertThat(sequence.waiting()).isEmpty();
  }

  @Test
  void isAnsweredInsideTheTokenThatTakesTheSequenceOver() throws Exception {
    sequence.askAsOf(EXACT_TOKENS + 1, "q", queries);

    sequence.take(tokens, 0, EXACT_TOKENS + 3);

    assertThat(running.answers())
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.tokens()).isEqualTo(EXACT_TOKENS + 1);
              assertThat(answer.exact()).isFalse();
              assertThat(answer.timedOut()).isFalse();
              TokenStream.assertClose(answer, tokens.oracle(queries, EXACT_TOKENS + 1), 1e-3);
            });
  }

  @Test
  void doesNotHoldBackOtherQueries() throws Exception {
    sequence.take(tokens, 0, 3);
    sequence.askAsOf(100, "waits", queries);

    assertThat(sequence.ask(queries).queryId()).isEqualTo("now");
    assertThat(sequence.stats().tokens()).isEqualTo(3);
    assertThat(sequence.waiting()).hasSize(1);
  }

  @Test
  void severalWaitEachForItsOwnNumber() throws Exception {
    sequence.askAsOf(6, "third", queries);
    sequence.askAsOf(2, "first", queries);
    sequence.askAsOf(4, "second", queries);

    sequence.take(tokens, 0, 3);
    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertOnTime(answer, 2))
        .returns("first", Reply::queryId);
    sequence.take(tokens, 3, 10);
    assertThat(running.answers())
        .satisfiesExactly(answer -> assertOnTime(answer, 4), answer -> assertOnTime(answer, 6))
        .extracting(Reply::queryId)
        .containsExactly("second", "third");
  }

  @Test
  void thoseThatWaitForTheSameNumberAreAnsweredInTheOrderOfArrival() throws Exception {
    sequence.askAsOf(2, "a", queries);
    sequence.askAsOf(2, "b", queries);

    sequence.take(tokens, 0, 2);

    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("a", "b");
  }

  @Test
  void duplicatesAndRefusedTokensDoNotCount() throws Exception {
    sequence.take(tokens, 0, 2);
    sequence.askAsOf(3, "q", queries);

    sequence.take(tokens, 1);
    sequence.takeWithoutPosition(tokens, 2);
    assertThat(running.replies()).isEmpty();
    sequence.take(tokens, 2);

    assertThat(running.answers()).hasSize(1);
  }

  @Test
  void aRetractionLowersTokensButNotWhatWasAccepted() throws Exception {
    sequence.take(tokens, 0, 3);
    sequence.retract(tokens, 1);

    sequence.askAsOf(3, "accepted already", queries);
    sequence.askAsOf(4, "waits for one more", queries);
    assertThat(running.answers())
        .singleElement()
        .returns("accepted already", Reply::queryId)
        .returns(2L, Reply.Answer::tokens)
        .returns(false, Reply.Answer::timedOut);
    sequence.take(tokens, 3);

    assertThat(running.answers())
        .singleElement()
        .returns(3L, Reply.Answer::tokens)
        .returns(false, Reply.Answer::timedOut);
  }

  @Test
  void isAnsweredWithWhatThereIsAfterTheTimeout() throws Exception {
    sequence.take(tokens, 0, 3);
    sequence.askAsOf(9, "q", queries);

    running.pass(TIMEOUT.minusMillis(1));
    assertThat(running.replies()).isEmpty();
    running.pass(Duration.ofMillis(1));

    assertThat(running.answers()).singleElement().satisfies(answer -> assertLate(answer, 3));
    assertThat(sequence.waiting()).isEmpty();
    sequence.take(tokens, 3, 12);
    assertThat(running.replies()).isEmpty();
  }

  @Test
  void aQueryThatTimesOutOnAnUnknownSequenceLeavesNothingBehind() throws Exception {
    sequence.askAsOf(9, "q", queries);

    running.pass(TIMEOUT);

    assertThat(running.answers())
        .singleElement()
        .returns(0L, Reply.Answer::tokens)
        .returns(true, Reply.Answer::timedOut)
        .satisfies(answer -> assertThat(answer.outputs()).isEmpty());
    assertThat(running.stateEntries()).isZero();
    assertThat(running.timers()).isZero();
  }

  @Test
  void eachTimesOutAtItsOwnTime() throws Exception {
    sequence.askAsOf(9, "early", queries);
    running.pass(Duration.ofSeconds(4));
    sequence.askAsOf(2, "late", queries);

    running.pass(Duration.ofSeconds(6));
    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("early");
    running.pass(Duration.ofSeconds(3));
    assertThat(running.replies()).isEmpty();
    running.pass(Duration.ofSeconds(1));
    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("late");
  }

  @Test
  void oneMoreThanMayWaitIsAnsweredAtOnceAndMarked() throws Exception {
    sequence.take(tokens, 0, 3);
    for (int i = 0; i < MAX_WAITING; i++) {
      sequence.askAsOf(9, "waits", queries);
    }
    assertThat(running.replies()).isEmpty();

    sequence.askAsOf(9, "one more", queries);

    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertLate(answer, 3))
        .returns("one more", Reply::queryId);
    assertThat(sequence.waiting()).hasSize(MAX_WAITING);
  }

  @Test
  void anAnsweredOneMakesRoomForAnother() throws Exception {
    sequence.askAsOf(1, "q", queries);
    for (int i = 1; i < MAX_WAITING; i++) {
      sequence.askAsOf(9, "waits", queries);
    }
    sequence.take(tokens, 0);
    assertThat(running.answers()).hasSize(1);

    sequence.askAsOf(9, "another", queries);

    assertThat(running.replies()).isEmpty();
    assertThat(sequence.waiting()).hasSize(MAX_WAITING);
  }

  @Test
  void otherSequencesHaveRoomOfTheirOwn() throws Exception {
    for (int i = 0; i < MAX_WAITING; i++) {
      sequence.askAsOf(9, "waits", queries);
    }

    running.sequence(FOLDING, "other").askAsOf(9, "waits too", queries);

    assertThat(running.replies()).isEmpty();
  }

  @Test
  void itsTimerGoesWithTheAnswer() throws Exception {
    sequence.askAsOf(2, "a", queries);
    running.pass(Duration.ofMillis(1));
    sequence.askAsOf(2, "b", queries);
    assertThat(running.timers()).isEqualTo(2);

    sequence.take(tokens, 0, 2);

    assertThat(running.answers()).hasSize(2);
    assertThat(running.timers()).isZero();
  }

  @Test
  void theTimerStaysForAnotherQueryThatArrivedInTheSameMillisecond() throws Exception {
    sequence.askAsOf(1, "reached", queries);
    sequence.askAsOf(9, "times out", queries);

    sequence.take(tokens, 0);
    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("reached");
    running.pass(TIMEOUT);

    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("times out");
  }

  @Test
  void waitingQueriesSurviveARestart() throws Exception {
    sequence.take(tokens, 0, 3);
    sequence.askAsOf(5, "reached", queries);
    sequence.askAsOf(9, "times out", queries);

    running.restart(2);
    sequence.take(tokens, 3, 7);
    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertOnTime(answer, 5))
        .returns("reached", Reply::queryId);
    running.pass(TIMEOUT);

    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertLate(answer, 7))
        .returns("times out", Reply::queryId);
  }

  private void assertOnTime(Reply.Answer answer, int count) {
    assertThat(answer.tokens()).isEqualTo(count);
    assertThat(answer.timedOut()).isFalse();
    TokenStream.assertClose(answer, tokens.oracle(queries, count), ROUNDING);
  }

  private void assertLate(Reply.Answer answer, int count) {
    assertThat(answer.tokens()).isEqualTo(count);
    assertThat(answer.timedOut()).isTrue();
    TokenStream.assertClose(answer, tokens.oracle(queries, count), ROUNDING);
  }
}
