// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalTailTest {

  // Values from tables of the normal distribution; the approximation promises 1e-7.
  @ParameterizedTest
  @CsvSource({
    "0,0.5",
    "0.5,0.30853753873",
    "1,0.15865525393",
    "1.96,0.02499789515",
    "3,0.00134989803",
    "5,2.8665157e-7",
    "-1,0.84134474607",
    "-3,0.99865010197"
  })
  void agreesWithTables(double z, double tail) {
    assertThat(NormalTail.above(z)).isCloseTo(tail, within(1e-7));
  }

  @Test
  void endsAreZeroAndOne() {
    assertThat(NormalTail.above(Double.POSITIVE_INFINITY)).isZero();
    assertThat(NormalTail.above(Double.NEGATIVE_INFINITY)).isEqualTo(1);
  }
}
