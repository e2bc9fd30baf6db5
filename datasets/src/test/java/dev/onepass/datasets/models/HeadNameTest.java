// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import static dev.onepass.datasets.models.EncoderModel.ALL_MINILM_L6_V2;
import static dev.onepass.datasets.models.EncoderModel.BGE_SMALL_ZH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadNameTest {
  @Test
  void readsNamesInTheOrderGiven() {
    assertThat(HeadName.parseAll("L3H9, L0H11", ALL_MINILM_L6_V2))
        .containsExactly(new HeadName(3, 9), new HeadName(0, 11))
        .extracting(HeadName::toString)
        .containsExactly("L3H9", "L0H11");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "L6H0", "L0H12", "H0L0", "L0H0,", "L0H0,L0H0", "L-1H0"})
  void refusesHeadsThatTheModelDoesNotHave(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadName.parseAll(text, ALL_MINILM_L6_V2));
  }

  @Test
  void eachModelHasItsOwnHeads() {
    assertThat(HeadName.parseAll("L3H7", BGE_SMALL_ZH)).containsExactly(new HeadName(3, 7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadName.parseAll("L3H8", BGE_SMALL_ZH))
        .withMessage("bge-small-zh has layers L0 to L3 with heads H0 to H7, not L3H8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadName.parseAll("L4H0", BGE_SMALL_ZH))
        .withMessageContaining("not L4H0");
  }
}
