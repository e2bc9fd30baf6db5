// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForeignPastTest {

  @Test
  void theFirstRowsAreOfThePastAndTheOthersOfTheRest() throws IOException {
    Heads past = rows -> List.of(head("A", rows, 1), head("B", rows, 2));
    Heads rest = rows -> List.of(head("A", rows, 3), head("B", rows, 4));

    List<Head> heads = new ForeignPast(past, 2, rest).load(5);

    assertThat(heads).extracting(Head::name).containsExactly("A", "B");
    assertThat(heads).extracting(Head::rows).containsExactly(5, 5);
    assertThat(heads.get(0).keys()).containsExactly(1, 1, 1, 1, 3, 3, 3, 3, 3, 3);
    assertThat(heads.get(0).queries()).containsExactly(1, 1, 1, 1, 3, 3, 3, 3, 3, 3);
    assertThat(heads.get(1).values()).containsExactly(2, 2, 4, 4, 4);
  }

  @Test
  void ofAHeadThatWasCutOnlyItsRowsAreJoined() {
    assertThat(head("A", 9, 1).first(1).followedBy(head("A", 9, 2).first(2)).values())
        .containsExactly(1, 2, 2);
  }

  @Test
  void shortTextsAreRefused() {
    Heads two = rows -> List.of(head("A", Math.min(rows, 2), 1));
    Heads all = rows -> List.of(head("A", rows, 1));

    assertThatThrownBy(() -> new ForeignPast(two, 3, all).load(9))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("only 2 of the 3 rows of the past");
    assertThatThrownBy(() -> new ForeignPast(all, 3, two).load(9))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("only 2 of the 6 rows behind the past");
  }

  @Test
  void headsOfOtherShapesAreNotJoined() {
    Head other = new Head("A", 1, 1, 1, new float[1], new float[1], new float[1], 1);
    assertThatIllegalArgumentException().isThrownBy(() -> head("A", 1, 1).followedBy(other));
  }

  private static Head head(String name, int rows, float number) {
    float[] keys = new float[2 * rows];
    float[] values = new float[rows];
    Arrays.fill(keys, number);
    Arrays.fill(values, number);
    return new Head(name, rows, 2, 1, keys, keys, values, 1);
  }
}
