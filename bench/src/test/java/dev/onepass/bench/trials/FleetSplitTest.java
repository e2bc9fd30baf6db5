// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FleetSplitTest {
  private static final FleetSplit.Rule BY_TIME = new FleetSplit.Rule(0.6, 0.8, 5, false);
  private static final FleetSplit.Rule SHUFFLED = new FleetSplit.Rule(0.6, 0.8, 5, true);

  /** Sequences 9, 4 and 7 appear before 3 and 5; row 7 is the first of another sequence. */
  private static final int[] SEQUENCES = {
    9, 9, 4, 4, 9, 7, 4, 3, 9, 3, 3, 7, 3, 3, 5, 5, 9, 5, 5, 3, 3, 3, 3, 3
  };

  private static Fleet fleet(int... sequences) {
    float[] rows = new float[sequences.length];
    Head head = new Head("H", sequences.length, 1, 1, rows, rows, rows, 1);
    return new Fleet(head, sequences, Optional.empty());
  }

  private static FleetSplit.Asked only(FleetSplit split) {
    assertThat(split.asked()).hasSize(1);
    return split.asked().get(0);
  }

  @Test
  void aSetLearnsFromRowsThatPrecedeAllOtherSequences() {
    assertThat(FleetSplit.of(fleet(SEQUENCES), BY_TIME, 7).past())
        .containsExactly(0, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void theFirstRowsOfAnotherSequenceAreTokensAndTheLastAreQueries() {
    FleetSplit.Asked asked = only(FleetSplit.of(fleet(SEQUENCES), BY_TIME, 7));

    assertThat(asked.sequence()).as("sequence 5 has 4 rows").isEqualTo(3);
    assertThat(asked.tokens()).containsExactly(7, 9, 10, 12, 13, 19, 20, 21);
    assertThat(asked.queries()).containsExactly(22, 23);
  }

  @Test
  void aShuffleDrawsPastSequencesWithAllTheirRows() {
    List<FleetSplit> splits =
        IntStream.range(0, 20).mapToObj(s -> FleetSplit.of(fleet(SEQUENCES), SHUFFLED, s)).toList();

    assertThat(splits)
        .allSatisfy(
            split -> {
              int[] past = Arrays.stream(split.past()).map(row -> SEQUENCES[row]).toArray();
              assertThat(IntStream.of(past).distinct().count()).isEqualTo(3);
              assertThat(split.past())
                  .as("all rows of these sequences, oldest first")
                  .containsExactly(
                      IntStream.range(0, SEQUENCES.length)
                          .filter(row -> IntStream.of(past).anyMatch(s -> s == SEQUENCES[row]))
                          .toArray());
              assertThat(split.asked())
                  .noneMatch(asked -> IntStream.of(past).anyMatch(s -> s == asked.sequence()));
            });
    assertThat(splits.stream().map(split -> Arrays.toString(split.past())).distinct().count())
        .isGreaterThan(4);
    assertThat(FleetSplit.of(fleet(SEQUENCES), SHUFFLED, 3).past()).isEqualTo(splits.get(3).past());
  }

  @Test
  void atLeastOneSequenceIsPastAndOneIsNot() {
    int[] two = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
    for (double share : new double[] {0.01, 0.99}) {
      FleetSplit split = FleetSplit.of(fleet(two), new FleetSplit.Rule(share, 0.8, 5, false), 7);
      assertThat(split.past()).containsExactly(0, 1, 2, 3, 4);
      assertThat(only(split).tokens()).containsExactly(5, 6, 7, 8);
    }
    assertThat(FleetSplit.of(fleet(1, 1, 1, 1, 1, 1), BY_TIME, 7).asked()).isEmpty();
  }

  @Test
  void aLongSequenceIsAskedADrawOfItsQueries() {
    int[] sequences = IntStream.range(0, 3_000).map(row -> row < 1_000 ? 0 : 1).toArray();

    int[] queries = only(FleetSplit.of(fleet(sequences), BY_TIME, 7)).queries();

    assertThat(queries).hasSize(256).doesNotHaveDuplicates().isSorted();
    assertThat(queries[0]).isBetween(2_600, 2_620);
    assertThat(queries[255]).isBetween(2_980, 2_999);
    assertThat(only(FleetSplit.of(fleet(sequences), BY_TIME, 8)).queries()).isNotEqualTo(queries);
  }

  @Test
  void noLaterRowChangesTheSet() {
    int rows = 400;
    Head head = Planted.gaussian(rows, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
    // Sequences 0 to 3 alternate; 4 and 5 join behind row 200 and alternate with them.
    int[] sequences = IntStream.range(0, rows).map(row -> row % (row < 200 ? 4 : 6)).toArray();
    Fleet fleet = new Fleet(head, sequences, Optional.empty());
    FleetSplit.Rule rule = new FleetSplit.Rule(0.7, 0.8, 5, false);

    byte[] set = setOf(fleet, rule);

    assertThat(setOf(new Fleet(doubledFrom(202, head), sequences, Optional.empty()), rule))
        .isEqualTo(set);
    assertThat(setOf(new Fleet(doubledFrom(201, head), sequences, Optional.empty()), rule))
        .isNotEqualTo(set);
  }

  private static byte[] setOf(Fleet fleet, FleetSplit.Rule rule) {
    return FleetSplit.of(fleet, rule, 7).learnedFrom(fleet, 7).anchors().toByteArray();
  }

  private static Head doubledFrom(int row, Head head) {
    float[] queries = head.queries().clone();
    float[] keys = head.keys().clone();
    for (int i = row * head.keyDim(); i < keys.length; i++) {
      queries[i] *= 2;
      keys[i] *= 2;
    }
    return new Head("H", head.rows(), 4, 4, queries, keys, head.values(), head.scale());
  }
}
