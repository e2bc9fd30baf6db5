// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final Instant START = Instant.EPOCH;
  private static final float[] QUERY = {1, -1, 0.5f};

  private final Vectors a = new Vectors("a", 9, 3, 2, 1, 1);
  private final Vectors b = new Vectors("b", 9, 3, 2, 1, 2);
  private final Ledger ledger = new Ledger(Map.of("a", a, "b", b));

  @BeforeEach
  void ask() {
    ledger.ask(new Asked("qa", "a", QUERY, START));
    ledger.ask(new Asked("qb", "b", QUERY, START));
  }

  @Test
  void queriesWithoutAnswerOrDeadLetterAreOpen() {
    assertThat(ledger.open()).extracting(Asked::queryId).containsExactly("qa", "qb");
    ledger.answer(right("qa", a, 5, 1));
    ledger.refuse("qb");
    assertThat(ledger.open()).isEmpty();
    assertThat(ledger.refused()).isEqualTo(1);
  }

  @Test
  void countsQueriesThatWereAnsweredTwice() {
    ledger.answer(right("qa", a, 5, 1));
    assertThat(ledger.doubled()).isZero();
    ledger.answer(right("qa", a, 6, 2));
    assertThat(ledger.doubled()).isEqualTo(1);
    assertThat(ledger.wrong()).isEmpty();
  }

  @Test
  void acceptsExactAttentionOverTheClaimedTokens() {
    ledger.answer(right("qa", a, 9, 1));
    ledger.answer(answer("qb", "b", 0, 0, new double[0], 1));
    assertThat(ledger.wrong()).isEmpty();
  }

  @Test
  void rejectsAnAnswerThatCoversOtherTokensThanItClaims() {
    Answer right = right("qa", a, 5, 1);
    ledger.answer(answer("qa", "a", 6, 5, right.outputs(), 1));
    assertThat(ledger.wrong()).hasSize(1);
  }

  @Test
  void rejectsAPositionThatDoesNotFitTheNumberOfTokens() {
    ledger.answer(answer("qa", "a", 5, 5, right("qa", a, 5, 1).outputs(), 1));
    assertThat(ledger.wrong()).hasSize(1);
  }

  @Test
  void rejectsAnErrorAboveOneInAHundredThousand() {
    double[] off = right("qa", a, 5, 1).outputs();
    off[0] += 5e-5;
    ledger.answer(answer("qa", "a", 5, 4, off, 1));
    assertThat(ledger.wrong()).hasSize(1);
  }

  @Test
  void rejectsAnAnswerToTheQueryOfAnotherSequence() {
    ledger.answer(right("qb", a, 5, 1));
    assertThat(ledger.wrong()).hasSize(1);
  }

  @Test
  void answersFlowOnceEverySequenceHasAnAnswer() {
    ledger.answer(right("qa", a, 5, 4));
    assertThat(ledger.allAnsweredSince(START.minusSeconds(1))).isEmpty();
    ledger.answer(right("qb", b, 5, 7));
    assertThat(ledger.allAnsweredSince(START.minusSeconds(1))).contains(START.plusSeconds(7));
    // These queries were sent before that time.
    assertThat(ledger.allAnsweredSince(START)).isEmpty();
  }

  @Test
  void recoveryIncludesALaterSilence() {
    ledger.answer(right("qa", a, 5, 4));
    ledger.answer(right("qb", b, 5, 5));
    ledger.ask(new Asked("qa2", "a", QUERY, START.plusSeconds(6)));
    ledger.answer(right("qa2", a, 6, 30));
    Instant moment = START.minusSeconds(1);
    assertThat(ledger.flowingSince(moment, Duration.ofSeconds(8))).contains(START.plusSeconds(30));
    assertThat(ledger.flowingSince(moment, Duration.ofSeconds(60))).contains(START.plusSeconds(5));
    assertThat(ledger.flowingSince(START, Duration.ofSeconds(8))).isEmpty();
  }

  @Test
  void returnsTheSilenceOfTheSequenceThatWaitedLongest() {
    ledger.answer(right("qa", a, 5, 4));
    ledger.answer(right("qb", b, 5, 7));
    assertThat(ledger.longestSilence(START, START.plusSeconds(9))).isEqualTo(Duration.ofSeconds(7));
    assertThat(ledger.longestSilence(START, START.plusSeconds(20)))
        .isEqualTo(Duration.ofSeconds(16));
  }

  private static Answer right(String queryId, Vectors vectors, int tokens, int second) {
    double[] outputs =
        ExactAttention.attention(
                QUERY, 1, vectors.keys, vectors.values, tokens, 3, 2, 1 / Math.sqrt(3))
            .outputs();
    return answer(queryId, vectors.sequence, tokens, tokens - 1, outputs, second);
  }

  private static Answer answer(
      String queryId, String sequence, long tokens, long position, double[] outputs, int second) {
    return new Answer(
        queryId, sequence, tokens, position, true, false, outputs, START.plusSeconds(second));
  }
}
