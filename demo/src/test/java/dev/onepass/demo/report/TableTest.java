// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void alignsNamesLeftAndNumbersRight() {
    assertThat(new Table("head", "n").row("L0H7", "131 072").row("L10", "1"))
        .hasToString(
            """
            head        n
            -------------
            L0H7  131 072
            L10         1
            """);
  }

  @Test
  void refusesRowsOfADifferentWidth() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Table("a", "b").row("c"));
  }
}
