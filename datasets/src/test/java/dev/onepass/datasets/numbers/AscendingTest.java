// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AscendingTest {
  private static final double[] NUMBERS = {0, 0, 1, 2, 2, 2, 5};

  @ParameterizedTest
  @CsvSource({"-1, 0", "0, 2", "0.5, 2", "1, 3", "2, 6", "4, 6", "5, 7", "9, 7"})
  void numbersUpToTheBoundCount(double bound, int count) {
    assertThat(Ascending.countUpTo(NUMBERS, bound)).isEqualTo(count);
    assertThat(Ascending.countUpTo(NUMBERS, 4, bound)).isEqualTo(Math.min(4, count));
    assertThat(Ascending.countUpTo(new double[0], bound)).isZero();
  }
}
