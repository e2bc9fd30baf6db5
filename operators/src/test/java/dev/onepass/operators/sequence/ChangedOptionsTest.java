// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A job that resumes from a savepoint under options with other sizes or dimensions: existing
 * sequences continue as they began, within their bytes, and their records never stop the job.
 */
class ChangedOptionsTest {
  private static final int STATE_SIZE = 64 << 10;
  private static final int KEY_DIM = TokenStream.KEY_DIM;
  private static final int VALUE_DIM = TokenStream.VALUE_DIM;

  private final TokenStream tokens = new TokenStream(5);
  private final float[] queries = tokens.queries(2);
  @TempDir private Path directory;
  private RunningSequences running;

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private RunningSequences.One start(HeadSpec head) throws Exception {
    running = new RunningSequences(TestOptions.of(null, head), directory);
    return running.sequence(FOLDING, "s");
  }

  private void restart(HeadSpec head) throws Exception {
    running.restart(TestOptions.of(null, head));
  }

  private static HeadSpec onepass(int keyDim, int valueDim, int k) {
    return head(OnepassFamily.INSTANCE, keyDim, valueDim, k);
  }

  private static HeadSpec head(SketchFamily family, int keyDim, int valueDim, int k) {
    return new HeadSpec(
        FOLDING,
        keyDim,
        valueDim,
        TokenStream.SCALE,
        STATE_SIZE,
        16,
        family,
        7,
        Map.of("onepass.recover-k", "" + k, "onepass.logit-bound", "30"));
  }

  @ParameterizedTest
  @CsvSource({"20, 1", "20, 5", "3000, 1", "3000, 5"})
  void queriesAreRememberedInTheDimensionsThatTheSequenceHas(int count, int newValueDim)
      throws Exception {
    RunningSequences.One sequence = start(onepass(KEY_DIM, VALUE_DIM, 2));
    sequence.take(tokens, 0, count);

    restart(onepass(KEY_DIM, newValueDim, 2));

    Reply.Answer answer = sequence.ask(queries);
    TokenStream.assertClose(answer, tokens.oracle(queries, count), 1e-3);
    assertThat(sequence.recover(0).columns()).hasSize(VALUE_DIM);
    assertThat(sequence.stored().bytes()).isLessThanOrEqualTo(STATE_SIZE);
  }

  @Test
  void aQueryThatWaitedIsAnsweredOverItsSequenceWhenTheHeadHasBecomeWider() throws Exception {
    RunningSequences.One sequence = start(onepass(KEY_DIM, VALUE_DIM, 2));
    sequence.take(tokens, 0, 20);
    sequence.askAsOf(30, "waits", queries);

    restart(onepass(2 * KEY_DIM, VALUE_DIM, 2));
    running.pass(TIMEOUT);

    assertThat(running.answers())
        .singleElement()
        .satisfies(answer -> TokenStream.assertClose(answer, tokens.oracle(queries, 20), 1e-5))
        .returns(true, Reply.Answer::timedOut);
  }

  @Test
  void aSequenceIsForgottenUnderItsWaitingQueriesWhenTheHeadHasBecomeWider() throws Exception {
    RunningSequences.One sequence = start(TestOptions.folding());
    sequence.take(tokens, 0, 20);
    sequence.askAsOf(30, "waits", queries);

    restart(head(PolynomialFamily.INSTANCE, 2 * KEY_DIM, VALUE_DIM, 0));
    sequence.forget();

    assertThat(running.answers())
        .singleElement()
        .returns("waits", Reply::queryId)
        .returns(0L, Reply.Answer::tokens)
        .returns(true, Reply.Answer::timedOut);
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void queriesAreNotRememberedBesideASketchThatHasAllBytes() throws Exception {
    HeadSpec before = onepass(KEY_DIM, VALUE_DIM, 0);
    HeadSpec after = onepass(KEY_DIM, VALUE_DIM, 16);
    RunningSequences.One sequence = start(before);
    sequence.take(tokens, 0, before.layout().exactTokens() + 20);

    restart(after);

    assertThat(sequence.ask(queries).exact()).isFalse();
    assertThat(sequence.stored().bytes()).isLessThanOrEqualTo(STATE_SIZE);
    assertThat(sequence.recover(0).rows()).isZero();
  }

  @Test
  void whatIsRememberedOfQueriesGoesWhereANewFamilyTakesItsBytes() throws Exception {
    RunningSequences.One sequence = start(onepass(KEY_DIM, VALUE_DIM, 16));
    sequence.take(tokens, 0, 20);
    sequence.ask(queries);
    assertThat(sequence.recover(0).rows()).isEqualTo(2);

    restart(head(PolynomialFamily.INSTANCE, KEY_DIM, VALUE_DIM, 0));
    sequence.take(tokens, 20, 3000);

    Reply.Answer answer = sequence.ask(queries);
    assertThat(answer.sketch()).isEqualTo("polynomial");
    TokenStream.assertClose(answer, tokens.oracle(queries, 3000), 1e-3);
    assertThat(sequence.stored().bytes()).isLessThanOrEqualTo(STATE_SIZE);
    assertThat(sequence.stats().stateBytes()).isLessThanOrEqualTo(STATE_SIZE);
  }
}
