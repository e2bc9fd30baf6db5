// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.ROOM;
import static dev.onepass.operators.sequence.TestOptions.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.sequence.Acceptance;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Duplicates, dead letters and retractions. */
class RefusedRecordsTest {
  private static final double ROUNDING = 1e-5;

  private final TokenStream tokens = new TokenStream(3);
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
  void aPositionNotAboveTheLastIsDroppedAndCounted() throws Exception {
    sequence.take(tokens, 0, 10);
    RunningSequences.Stored before = sequence.stored();

    sequence.take(tokens, 9);
    sequence.take(tokens, 3);
    sequence.take(0, tokens.key(77), tokens.value(77));

    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.stats().duplicates()).isEqualTo(3);
    assertThat(sequence.stats().tokens()).isEqualTo(10);
    assertThat(sequence.stored().pending()).containsExactlyElementsOf(before.pending());
    assertThat(sequence.header().lastPosition()).isEqualTo(9);
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, 10), ROUNDING);
  }

  @Test
  void gapsBetweenPositionsAreNoDuplicates() throws Exception {
    sequence.take(5, tokens.key(0), tokens.value(0));
    sequence.take(Long.MAX_VALUE, tokens.key(1), tokens.value(1));

    assertThat(sequence.stats().duplicates()).isZero();
    assertThat(sequence.ask(queries).position()).isEqualTo(Long.MAX_VALUE);
    assertThat(sequence.stats().tokens()).isEqualTo(2);
  }

  @Test
  void withoutPositionsEqualTokensCountEach() throws Exception {
    sequence.takeWithoutPosition(tokens, 0);
    sequence.takeWithoutPosition(tokens, 0);

    Reply.Answer answer = sequence.ask(queries);

    assertThat(answer.tokens()).isEqualTo(2);
    assertThat(answer.position()).isEqualTo(-1);
    assertThat(sequence.stats().duplicates()).isZero();
  }

  @Test
  void aTokenWithoutPositionAmongThoseWithOneIsADeadLetter() throws Exception {
    sequence.take(tokens, 0, 4);

    assertRefused(sequence.takeWithoutPosition(tokens, 4), Acceptance.MIXED_POSITIONS, 4);

    sequence.take(tokens, 4);
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, 5), ROUNDING);
  }

  @Test
  void aTokenWithPositionAmongThoseWithoutIsADeadLetter() throws Exception {
    sequence.takeWithoutPosition(tokens, 0);

    assertRefused(sequence.take(tokens, 1), Acceptance.MIXED_POSITIONS, 1);

    sequence.takeWithoutPosition(tokens, 1);
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, 2), ROUNDING);
  }

  @Test
  void aFullExactSequenceRefusesTokensAndGoesOnAnswering() throws Exception {
    sequence = running.sequence(WHOLE, "s");
    sequence.take(tokens, 0, ROOM);

    assertRefused(sequence.take(tokens, ROOM), Acceptance.FULL, ROOM);

    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, ROOM), ROUNDING);
    assertThat(sequence.stats().exact()).isTrue();
  }

  @Test
  void aRetractionMakesRoomInAFullExactSequence() throws Exception {
    sequence = running.sequence(WHOLE, "s");
    sequence.take(tokens, 0, ROOM);
    sequence.retract(tokens, 0);

    sequence.take(tokens, ROOM);

    assertThat(running.deadLetters()).isEmpty();
    List<Integer> kept = IntStream.rangeClosed(1, ROOM).boxed().toList();
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, kept), ROUNDING);
  }

  @Test
  void aRetractedTokenIsGoneFromAnExactAnswer() throws Exception {
    sequence.take(tokens, 0, 6);

    sequence.retract(tokens, 2);

    Reply.Answer answer = sequence.ask(queries);
    TokenStream.assertClose(answer, tokens.oracle(queries, List.of(0, 1, 3, 4, 5)), ROUNDING);
    assertThat(answer.tokens()).isEqualTo(5);
    assertThat(answer.position()).isEqualTo(5);
    assertThat(answer.exact()).isTrue();
    assertThat(answer.error()).containsExactly(0, 0);
  }

  @Test
  void aRetractedTokenDoesNotComeBackUnderItsOldPosition() throws Exception {
    sequence.take(tokens, 0, 6);
    sequence.retract(tokens, 5);

    sequence.take(tokens, 5);

    assertThat(sequence.stats().duplicates()).isEqualTo(1);
    assertThat(sequence.stats().tokens()).isEqualTo(5);
  }

  @Test
  void whenAllTokensAreRetractedTheAnswerIsEmptyAndPositionsGoOn() throws Exception {
    sequence.take(tokens, 0, 2);
    sequence.retract(tokens, 0);
    sequence.retract(tokens, 1);

    Reply.Answer answer = sequence.ask(queries);
    assertThat(answer.outputs()).isEmpty();
    assertThat(answer.tokens()).isZero();
    assertThat(answer.position()).isEqualTo(1);
    assertRefused(sequence.retract(tokens, 1), Acceptance.NOTHING_TO_RETRACT, 0);
  }

  @Test
  void aFoldedTokenIsTakenBackFromTheSums() throws Exception {
    int count = EXACT_TOKENS + 20;
    sequence.take(tokens, 0, count);

    sequence.retract(tokens, 3);

    Reply.Answer answer = sequence.ask(queries);
    List<Integer> kept = IntStream.range(0, count).filter(i -> i != 3).boxed().toList();
    assertThat(answer.tokens()).isEqualTo(count - 1);
    TokenStream.assertClose(answer, tokens.oracle(queries, kept), 1e-3);
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void aPendingTokenIsTakenBackFromTheBlockAfterTheTransition() throws Exception {
    int count = EXACT_TOKENS + 4;
    sequence.take(tokens, 0, count);
    int pending = sequence.header().pending();

    sequence.retract(tokens, count - 1);

    assertThat(sequence.header().pending()).isEqualTo(pending - 1);
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, count - 1), 1e-3);
  }

  @Test
  void nothingToRetractIsADeadLetterAndLeavesNothingBehind() throws Exception {
    RawRecord origin = sequence.retract(tokens, 0);

    assertThat(running.deadLetters())
        .containsExactly(new DeadLetter(origin, Acceptance.NOTHING_TO_RETRACT.reason()));
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void otherDimensionsThanTheSequenceBeganWithAreDeadLetters() throws Exception {
    sequence.take(tokens, 0, 5);
    float[] longKey = new float[TokenStream.KEY_DIM + 1];

    assertRefused(sequence.take(5, longKey, tokens.value(5)), Acceptance.OTHER_DIMENSIONS, 5);
    assertRefused(sequence.take(5, tokens.key(5), new float[1]), Acceptance.OTHER_DIMENSIONS, 5);
    assertRefused(sequence.askAsOf(0, "q", longKey), Acceptance.OTHER_DIMENSIONS, 5);
    assertRefused(sequence.askAsOf(9, "q", longKey), Acceptance.OTHER_DIMENSIONS, 5);

    sequence.take(tokens, 5);
    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, 6), ROUNDING);
  }

  @Test
  void aRefusedFirstTokenLeavesNothingBehind() throws Exception {
    sequence.take(0, new float[1], new float[1]);

    assertThat(running.deadLetters()).hasSize(1);
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void recordsOfAHeadThatIsNotDeclaredAreDeadLetters() throws Exception {
    RunningSequences.One stray = running.sequence("gone", "s");

    RawRecord token = stray.take(tokens, 0);
    RawRecord query = stray.askAsOf(0, "q", queries);

    assertThat(running.deadLetters())
        .containsExactly(
            new DeadLetter(token, "head: gone is not declared"),
            new DeadLetter(query, "head: gone is not declared"));
    assertThat(running.stateEntries()).isZero();
  }

  private void assertRefused(RawRecord origin, Acceptance reason, long tokensLeft)
      throws Exception {
    assertThat(running.deadLetters())
        .containsExactly(
            new DeadLetter(
                origin,
                reason == Acceptance.FULL
                    ? reason.reason() + "; set a larger sketch.state-size or another sketch.type"
                    : reason.reason()));
    assertThat(sequence.stats().tokens()).isEqualTo(tokensLeft);
    assertThat(sequence.stats().duplicates()).isZero();
  }
}
