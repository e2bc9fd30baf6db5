// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void quantiles() {
    double[] x = {4, 1, 3, 2};
    assertThat(Numbers.median(x)).isEqualTo(2.5);
    assertThat(Numbers.quantile(x, 0)).isEqualTo(1);
    assertThat(Numbers.quantile(x, 1)).isEqualTo(4);
    assertThat(x).containsExactly(4, 1, 3, 2);
  }

  @Test
  void exponentOfAPowerLaw() {
    assertThat(Numbers.exponent(new double[] {1, 10, 100}, new double[] {3, 3e-1, 3e-2}))
        .isCloseTo(-1, within(1e-12));
  }

  @Test
  void tailExcludesTheLargestEntries() {
    assertThat(Numbers.tail(new double[] {0, -3, 4, 12}, 2)).isEqualTo(3.0 / 13);
    assertThat(Numbers.tail(new double[] {1, 2}, 2)).isZero();
    assertThat(Numbers.tail(new double[] {1, 2}, 5)).isZero();
    assertThat(Numbers.tail(new double[] {0, 0}, 1)).isZero();
  }
}
