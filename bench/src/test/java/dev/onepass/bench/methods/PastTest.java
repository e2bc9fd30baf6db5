// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.measure.Attention;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PastTest {
  private static final Head HEAD = Planted.gaussian(1_000, 4, 8, 0.3, Planted.Values.SIGNAL, 7);

  @Test
  void exercisesAskLateRowsOfASequenceOverItsEarlierOnes() {
    // Sequence 1 has every third row; sequence 2 is too short.
    int[] sequences = IntStream.range(0, 1_000).map(row -> row % 3 == 0 ? 1 : 0).toArray();
    Arrays.fill(sequences, 990, 1_000, 2);
    Past past = new Past(HEAD, sequences, 7);
    assertThat(past.exercises()).hasSize(2);
    Past.Exercise shorter = past.exercises().get(1);
    assertThat(shorter.tokens().rows()).isEqualTo((int) (0.8 * 330));
    assertThat(Arrays.copyOf(shorter.tokens().keys(), 4)).isEqualTo(Arrays.copyOf(HEAD.keys(), 4));
    assertThat(shorter.queries().count()).isEqualTo(66);
    assertThat(shorter.exact())
        .isDeepEqualTo(
            Attention.exact(shorter.tokens(), shorter.tokens().rows(), shorter.queries()));
  }

  @Test
  void thePastOfALongStreamIsItsFirstThirtyPercent() {
    Past past = Past.of(HEAD, 7);
    assertThat(past.rows().rows()).isEqualTo(300);
    assertThat(past.exercises()).hasSize(1);
    assertThat(past.exercises().get(0).tokens().rows()).isEqualTo(240);
  }

  @Test
  void aPastOfShortSequencesHasNoExercises() {
    assertThat(new Past(HEAD, IntStream.range(0, 1_000).toArray(), 7).exercises()).isEmpty();
  }
}
