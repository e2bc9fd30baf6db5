// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The one-pass algorithm in the stream: queries are remembered, and may close a sequence for
 * tokens.
 */
class RecoverTest {
  private static final String CLOSED =
      Acceptance.CLOSED.reason() + ", or set onepass.form to outputs";

  private static final int STATE_SIZE = 256 << 10;
  private static final int K = 8;

  /** Fewer answers than 2 K: recovery keeps all of them. */
  private static final int FEW = 12;

  /** The same with sketched features, t = 15 numbers per row; the bytes hold a smaller K. */
  private static final int FEWER = 4;

  /** Exact rows of Y and this many buckets leave only rounding errors. */
  private static final double ROUNDING = 1e-4;

  private final TokenStream tokens = new TokenStream(11);
  private RunningSequences running;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    running =
        new RunningSequences(
            TestOptions.of(
                null,
                onepass("outputs"),
                onepass("paper"),
                onepass("moments"),
                onepass("directions"),
                TestOptions.folding()),
            directory);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private static HeadSpec onepass(String form) {
    return new HeadSpec(
        form,
        TokenStream.KEY_DIM,
        TokenStream.VALUE_DIM,
        TokenStream.SCALE,
        STATE_SIZE,
        16,
        OnepassFamily.INSTANCE,
        7,
        Map.of(
            "onepass.form",
            form,
            "onepass.recover-k",
            Integer.toString(K),
            "onepass.logit-bound",
            "0.5"));
  }

  @Test
  void inOutputsFormQueriesBetweenTokensAreNumberedAndRecovered() throws Exception {
    RunningSequences.One sequence = running.sequence("outputs", "s");
    sequence.take(tokens, 0, 20);
    float[][] answers = new float[FEW][];
    for (int q = 0; q < FEW; q += 3) {
      Reply.Answer answer = sequence.ask(tokens.queries(3));
      assertThat(answer.firstRow()).isEqualTo(q);
      System.arraycopy(answer.outputs(), 0, answers, q, 3);
      sequence.take(tokens, 20 + q, 23 + q);
    }

    assertRecovered(sequence.recover(0), answers, ROUNDING);
    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.stats().exact()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"outputs", "directions"})
  void answersOfASketchAreRecoveredToo(String form) throws Exception {
    RunningSequences.One sequence = running.sequence(form, "s");
    int count = onepass(form).layout().exactTokens() + 100;
    sequence.take(tokens, 0, count);

    Reply.Answer answer = sequence.ask(tokens.queries(FEW));

    assertThat(answer.exact()).isFalse();
    assertThat(answer.sketch()).isEqualTo("onepass");
    TokenStream.assertClose(answer, tokens.oracle(tokens.queries(FEW), count), 0.02);
    assertRecovered(sequence.recover(0), answer.outputs(), ROUNDING);
  }

  @Test
  void inMomentsFormTheFirstQueryEndsTheTokens() throws Exception {
    RunningSequences.One sequence = running.sequence("moments", "s");
    sequence.take(tokens, 0, 300);

    Reply.Answer answer = sequence.ask(tokens.queries(FEWER));

    assertThat(answer.exact()).isFalse();
    TokenStream.assertClose(answer, tokens.oracle(tokens.queries(FEWER), 300), 0.02);
    assertRecovered(sequence.recover(0), answer.outputs(), 1e-3);
  }

  @Test
  void inPaperFormTokensAfterTheFirstQueryAreDeadLetters() throws Exception {
    RunningSequences.One sequence = running.sequence("paper", "s");
    sequence.take(tokens, 0, 300);
    sequence.ask(tokens.queries(1));
    RunningSequences.Stored closed = sequence.stored();

    RawRecord late = sequence.take(tokens, 300);
    RawRecord retraction = sequence.retract(tokens, 0);
    sequence.take(tokens, 299);

    assertThat(running.deadLetters())
        .containsExactly(new DeadLetter(late, CLOSED), new DeadLetter(retraction, CLOSED));
    assertThat(sequence.stats().duplicates()).as("a duplicate is not a dead letter").isEqualTo(1);
    assertThat(sequence.stored().sketch()).isEqualTo(closed.sketch());
    assertThat(sequence.ask(tokens.queries(1)).tokens()).isEqualTo(300);
    assertThat(sequence.recover(1).rows()).isEqualTo(2);
  }

  @Test
  void inPaperFormAnswersAndRecoveredColumnsAgree() throws Exception {
    RunningSequences.One sequence = running.sequence("paper", "s");
    sequence.take(tokens, 0, 300);

    Reply.Answer answer = sequence.ask(tokens.queries(FEWER));

    // Both come from sk(K)' sk(V); only an answer is clamped to the range of the values.
    assertRecovered(sequence.recover(0), answer.outputs(), 0.05);
  }

  @Test
  void aClosedSequenceKeepsNoQueryWaiting() throws Exception {
    RunningSequences.One sequence = running.sequence("moments", "s");
    sequence.take(tokens, 0, 30);
    sequence.askAsOf(100, "early", tokens.queries(1));
    assertThat(running.answers()).isEmpty();

    sequence.askAsOf(0, "closing", tokens.queries(1));
    sequence.askAsOf(100, "late", tokens.queries(1));

    assertThat(running.answers())
        .extracting(Reply.Answer::queryId, Reply.Answer::timedOut, Reply.Answer::firstRow)
        .containsExactly(
            tuple("closing", false, 0L), tuple("early", true, 1L), tuple("late", true, 2L));
    assertThat(running.timers()).isZero();
    assertThat(sequence.waiting()).isEmpty();
  }

  @Test
  void aForgottenSequenceIsOpenAgainAndRemembersNoQuery() throws Exception {
    RunningSequences.One sequence = running.sequence("paper", "s");
    sequence.take(tokens, 0, 50);
    sequence.ask(tokens.queries(2));

    sequence.forget();

    assertThat(running.stateEntries()).isZero();
    sequence.take(tokens, 0, 50);
    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.recover(0).rows()).isZero();
  }

  @Test
  void aSequenceWithoutTokensOrQueriesRecoversNothing() throws Exception {
    RunningSequences.One sequence = running.sequence("outputs", "s");

    assertThat(sequence.ask(tokens.queries(2)).outputs()).isEmpty();
    assertThat(sequence.recover(0)).isEqualTo(new Recovery(0, List.of()));
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void familiesThatRememberNoQueriesSaySo() throws Exception {
    RawRecord other = running.sequence(TestOptions.FOLDING, "s").askRecovery(3);
    RunningSequences.One sequence = running.sequence("outputs", "s");
    sequence.take(tokens, 0, 5);
    sequence.ask(tokens.queries(1));
    RawRecord tooMany = sequence.askRecovery(K + 1);

    List<DeadLetter> letters = running.deadLetters();
    assertThat(letters).extracting(DeadLetter::origin).containsExactly(other, tooMany);
    assertThat(letters.get(0).error()).startsWith("recover: only sketch.type onepass");
    assertThat(letters.get(1).error()).startsWith("recover.k: 9, but").contains("at most 8");
  }

  @Test
  void allBytesStayWithinTheStateSize() throws Exception {
    for (String form : List.of("outputs", "paper", "moments", "directions")) {
      RunningSequences.One sequence = running.sequence(form, "s");
      int exact = onepass(form).layout().exactTokens();
      for (int token = 0; token < exact + 40; token++) {
        sequence.take(tokens, token);
        if (form.equals("outputs") && token % 500 == 0) {
          sequence.ask(tokens.queries(2));
        }
      }
      sequence.ask(tokens.queries(2));
      assertThat(sequence.stored().bytes()).as(form).isLessThanOrEqualTo(STATE_SIZE);
      assertThat(sequence.stats().stateBytes()).as(form).isLessThanOrEqualTo(STATE_SIZE);
    }
  }

  @Test
  void whatIsRememberedSurvivesARestartBitForBit() throws Exception {
    for (String form : List.of("outputs", "paper", "directions")) {
      RunningSequences.One straight = running.sequence(form, "straight");
      straight.take(tokens, 0, 60);
      straight.ask(tokens.queries(3));
      straight.ask(tokens.queries(2));
      RunningSequences.One broken = running.sequence(form, "broken");
      broken.take(tokens, 0, 60);
      broken.ask(tokens.queries(3));

      running.restart(2);
      broken.ask(tokens.queries(2));
      running.restart(1);

      assertThat(broken.queries()).as(form).isEqualTo(straight.queries());
      assertThat(broken.stored().headerButSince())
          .as(form)
          .isEqualTo(straight.stored().headerButSince());
      assertThat(broken.recover(1).columns().get(0).values())
          .as(form)
          .containsExactly(straight.recover(1).columns().get(0).values());
    }
  }

  /** Checks that every entry of every column has the value of its answer. */
  private static void assertRecovered(Recovery recovery, float[][] answers, double tolerance) {
    assertThat(recovery.rows()).isEqualTo(answers.length);
    assertThat(recovery.columns()).hasSize(TokenStream.VALUE_DIM);
    for (int c = 0; c < TokenStream.VALUE_DIM; c++) {
      Recovery.Column column = recovery.columns().get(c);
      assertThat(Arrays.stream(column.rows()).sorted())
          .containsExactly(LongStream.range(0, answers.length).boxed().toArray(Long[]::new));
      for (int i = 0; i < column.rows().length; i++) {
        assertThat((double) column.values()[i])
            .as("row %d, column %d", column.rows()[i], c)
            .isCloseTo(answers[(int) column.rows()[i]][c], within(tolerance));
      }
    }
  }
}
