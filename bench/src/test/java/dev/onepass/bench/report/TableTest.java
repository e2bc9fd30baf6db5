// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  private final Table table =
      new Table("name", "n", "error / |y|")
          .row("a", 1_000_000, 0.000123456789)
          .row("b, \"c\"", 2, 0.5)
          .row("d", 3L, Double.NaN);

  @Test
  void csvQuotesAndKeepsDigits() {
    assertThat(table.toCsv())
        .isEqualTo(
            """
            name,n,error / |y|
            a,1000000,0.000123457
            "b, ""c""\",2,0.5
            d,3,
            """);
  }

  @Test
  void markdownRoundsNumbers() {
    assertThat(table.toMarkdown())
        .isEqualTo(
            """
            | name | n | error / \\|y\\| |
            |---|---:|---:|
            | a | 1 000 000 | 0.000123 |
            | b, "c" | 2 | 0.5 |
            | d | 3 | - |
            """);
  }

  @Test
  void wholeNumbersKeepTheirZeroes() {
    assertThat(new Table("x").row(100.0).row(1e6).row(0.0).toCsv())
        .isEqualTo("x\n100\n1.00000e+06\n0\n");
    assertThat(new Table("x").row(1).row(2).size()).isEqualTo(2);
  }

  @Test
  void refusesRowsOfADifferentLength() {
    assertThatThrownBy(() -> table.row("x")).isInstanceOf(IllegalArgumentException.class);
  }
}
