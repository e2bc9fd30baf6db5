// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.CUT;
import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.STATE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.registry.SketchFamilies;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens in, answers out: in exact mode and after it. */
class SequenceAnswersTest {
  private static final double ROUNDING = 1e-5;

  /** Twice the family's tolerance times the largest value. */
  private static final double FAMILY_BOUND = 2 * 0.01 * 0.5;

  private final TokenStream tokens = new TokenStream(1);
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
  void aQueryOverFewTokensIsAnsweredExactly() throws Exception {
    sequence.take(tokens, 0, 20);
    float[] queries = tokens.queries(5);

    Reply.Answer answer = sequence.ask(queries);

    TokenStream.assertClose(answer, tokens.oracle(queries, 20), ROUNDING);
    assertThat(answer.error()).containsExactly(0, 0, 0, 0, 0);
    assertThat(answer.beyondBound()).isNull();
    assertThat(answer.tokens()).isEqualTo(20);
    assertThat(answer.position()).isEqualTo(19);
    assertThat(answer.exact()).isTrue();
    assertThat(answer.timedOut()).isFalse();
    assertThat(answer.sketch()).isEqualTo("polynomial");
    assertThat(answer.anchorsVersion()).isZero();
  }

  @Test
  void theAnswerCarriesTheQuerysOwnRecordAndId() throws Exception {
    sequence.take(tokens, 0, 1);

    RawRecord origin = sequence.askAsOf(0, "opaque \u00e9", tokens.queries(1));

    assertThat(running.answers())
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.origin()).isSameAs(origin);
              assertThat(answer.queryId()).isEqualTo("opaque \u00e9");
              assertThat(answer.key().sequence()).isEqualTo("s");
            });
  }

  @Test
  void aQuerySeesWhatCameBeforeItAndNothingLater() throws Exception {
    float[] queries = tokens.queries(2);
    sequence.take(tokens, 0, 3);
    sequence.askAsOf(0, "early", queries);
    sequence.take(tokens, 3, 9);
    sequence.askAsOf(0, "late", queries);

    assertThat(running.answers())
        .satisfiesExactly(
            early -> TokenStream.assertClose(early, tokens.oracle(queries, 3), ROUNDING),
            late -> TokenStream.assertClose(late, tokens.oracle(queries, 9), ROUNDING));
  }

  @Test
  void sequencesDoNotMix() throws Exception {
    TokenStream otherTokens = new TokenStream(2);
    RunningSequences.One other = running.sequence(FOLDING, "other");
    RunningSequences.One sameIdInAnotherHead = running.sequence(TestOptions.WHOLE, "s");
    for (int token = 0; token < 12; token++) {
      sequence.take(tokens, token);
      other.take(otherTokens, token);
    }
    float[] queries = tokens.queries(1);

    TokenStream.assertClose(sequence.ask(queries), tokens.oracle(queries, 12), ROUNDING);
    TokenStream.assertClose(other.ask(queries), otherTokens.oracle(queries, 12), ROUNDING);
    assertThat(sameIdInAnotherHead.ask(queries).tokens()).isZero();
  }

  @Test
  void theTokenThatDoesNotFitAnyMoreTakesTheSequenceOver() throws Exception {
    float[] queries = tokens.queries(3);
    sequence.take(tokens, 0, EXACT_TOKENS);
    Reply.Answer before = sequence.ask(queries);
    assertThat(before.exact()).isTrue();
    TokenStream.assertClose(before, tokens.oracle(queries, EXACT_TOKENS), ROUNDING);
    assertThat(sequence.sketch()).isNull();

    sequence.take(tokens, EXACT_TOKENS);

    Reply.Answer after = sequence.ask(queries);
    assertThat(after.exact()).isFalse();
    assertThat(after.sketch()).isEqualTo("polynomial");
    assertThat(after.error()).containsOnly(Float.NaN);
    assertThat(after.beyondBound()).containsExactly(0, 0, 0);
    assertThat(after.tokens()).isEqualTo(EXACT_TOKENS + 1);
    assertThat(after.position()).isEqualTo(EXACT_TOKENS);
    assertThat(sequence.sketch()).isNotNull();
  }

  @Test
  void noTokenIsLostOnTheWayAndEveryAnswerStaysWithinTheFamilysBound() throws Exception {
    float[] queries = tokens.queries(3);
    for (int count = 1; count <= 4 * EXACT_TOKENS; count++) {
      sequence.take(tokens, count - 1);

      Reply.Answer answer = sequence.ask(queries);

      assertThat(answer.tokens()).isEqualTo(count);
      TokenStream.assertClose(answer, tokens.oracle(queries, count), FAMILY_BOUND);
      long folded =
          answer.exact()
              ? 0
              : SketchFamilies.heapify(sequence.sketch(), AnchorSets.NONE).tokenCount();
      assertThat(folded + sequence.header().pending()).isEqualTo(count);
      assertThat(folded % CUT).isZero();
    }
  }

  @Test
  void bytesNeverExceedTheStateSizeAndStatsSayThem() throws Exception {
    long mostBytes = 0;
    for (int count = 1; count <= 4 * EXACT_TOKENS; count++) {
      sequence.take(tokens, count - 1);

      Reply.Stats stats = sequence.stats();

      assertThat(stats.tokens()).isEqualTo(count);
      assertThat(stats.exact()).isEqualTo(count <= EXACT_TOKENS);
      assertThat(stats.stateBytes()).isLessThanOrEqualTo(STATE_SIZE);
      int roomForBiases = Float.BYTES * sequence.header().pending();
      assertThat(sequence.stored().bytes())
          .isBetween(stats.stateBytes() - roomForBiases - 16, stats.stateBytes());
      mostBytes = Math.max(mostBytes, stats.stateBytes());
    }
    assertThat(mostBytes).isGreaterThan(STATE_SIZE * 9 / 10);
  }

  @Test
  void aQueryForAnUnknownSequenceGetsEmptyListsAndLeavesNothingBehind() throws Exception {
    Reply.Answer answer = sequence.ask(tokens.queries(2));

    assertThat(answer.outputs()).isEmpty();
    assertThat(answer.error()).isEmpty();
    assertThat(answer.logNormalizer()).isEmpty();
    assertThat(answer.tokens()).isZero();
    assertThat(answer.position()).isEqualTo(-1);
    assertThat(answer.exact()).isTrue();
    assertThat(answer.timedOut()).isFalse();
    assertThat(running.stateEntries()).isZero();
    assertThat(running.timers()).isZero();
  }

  @Test
  void statsOfAnUnknownSequenceAreZeroAndLeaveNothingBehind() throws Exception {
    Reply.Stats stats = sequence.stats();

    assertThat(stats.tokens()).isZero();
    assertThat(stats.stateBytes()).isZero();
    assertThat(stats.duplicates()).isZero();
    assertThat(stats.exact()).isTrue();
    assertThat(stats.sketch()).isEqualTo("polynomial");
    assertThat(running.stateEntries()).isZero();
  }
}
