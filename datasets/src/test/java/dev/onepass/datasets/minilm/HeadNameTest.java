// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.minilm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadNameTest {
  @Test
  void readsNamesInTheOrderGiven() {
    assertThat(HeadName.parseAll("L3H9, L0H11"))
        .containsExactly(new HeadName(3, 9), new HeadName(0, 11))
        .extracting(HeadName::toString)
        .containsExactly("L3H9", "L0H11");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "L6H0", "L0H12", "H0L0", "L0H0,", "L0H0,L0H0", "L-1H0"})
  void refusesHeadsThatTheModelDoesNotHave(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> HeadName.parseAll(text));
  }
}
