// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences that are dropped on request. */
class ForgetTest {
  private static final double ROUNDING = 1e-5;

  private final TokenStream tokens = new TokenStream(5);
  private final float[] queries = tokens.queries(2);
  private RunningSequences running;
  private RunningSequences.One sequence;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    running = new RunningSequences(TestOptions.mortal(), directory);
    sequence = running.sequence(FOLDING, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  @Test
  void nothingIsLeftOfAFoldedSequenceNorOfItsTimers() throws Exception {
    sequence.take(tokens, 0, EXACT_TOKENS + 10);
    sequence.take(tokens, 3);
    sequence.askAsOf(1_000, "q", queries);
    assertThat(running.timers()).isEqualTo(2);

    sequence.forget();

    assertThat(running.timers()).isZero();
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void aWaitingQueryIsAnsweredEmptyAndMarked() throws Exception {
    sequence.take(tokens, 0, 4);
    sequence.askAsOf(9, "q", queries);

    sequence.forget();

    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> assertThat(answer.outputs()).isEmpty())
        .returns("q", Reply::queryId)
        .returns(0L, Reply.Answer::tokens)
        .returns(-1L, Reply.Answer::position)
        .returns(true, Reply.Answer::exact)
        .returns(true, Reply.Answer::timedOut);
  }

  @Test
  void theSequenceBeginsAnewWithPositionsOfItsOwn() throws Exception {
    sequence.take(tokens, 0, EXACT_TOKENS + 10);
    sequence.take(tokens, 3);
    sequence.forget();
    TokenStream second = new TokenStream(6);

    sequence.take(second, 0, 5);

    Reply.Answer answer = sequence.ask(queries);
    TokenStream.assertClose(answer, second.oracle(queries, 5), ROUNDING);
    assertThat(answer.tokens()).isEqualTo(5);
    assertThat(answer.exact()).isTrue();
    assertThat(sequence.stats().duplicates()).isZero();
    assertThat(running.timers()).isEqualTo(1);
  }

  @Test
  void theSequenceMayComeBackWithoutPositions() throws Exception {
    sequence.take(tokens, 0, 5);
    sequence.forget();

    sequence.takeWithoutPosition(tokens, 0);

    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.stats().tokens()).isEqualTo(1);
  }

  @Test
  void otherSequencesAndHeadsKeepTheirTokens() throws Exception {
    RunningSequences.One other = running.sequence(FOLDING, "other");
    RunningSequences.One inAnotherHead = running.sequence(TestOptions.WHOLE, "s");
    sequence.take(tokens, 0, 3);
    other.take(tokens, 0, 4);
    inAnotherHead.take(tokens, 0, 5);

    sequence.forget();

    assertThat(sequence.stats().tokens()).isZero();
    assertThat(other.stats().tokens()).isEqualTo(4);
    assertThat(inAnotherHead.stats().tokens()).isEqualTo(5);
  }

  @Test
  void anUnknownSequenceCanBeForgotten() throws Exception {
    sequence.forget();

    assertThat(running.replies()).isEmpty();
    assertThat(running.deadLetters()).isEmpty();
    assertThat(running.stateEntries()).isZero();
  }
}
