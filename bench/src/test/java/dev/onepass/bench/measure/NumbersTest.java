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
  void rankCorrelationSharesTheRanksOfEqualNumbers() {
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3.5, 3.5: 3.75 over the root of 4.5 times 4.5.
    double[] x = {3, 7, 7, 90};
    double[] y = {-5, 0, 2, 2};
    assertThat(Numbers.spearman(x, y)).isCloseTo(3.75 / 4.5, within(1e-12));
    assertThat(Numbers.spearman(y, x)).isCloseTo(3.75 / 4.5, within(1e-12));
  }

  @Test
  void rankCorrelationKnowsOrderOnly() {
    double[] x = {1, 2, 3, 4, 5};
    assertThat(Numbers.spearman(x, new double[] {1, 10, 11, 12, 9_000}))
        .isCloseTo(1, within(1e-12));
    assertThat(Numbers.spearman(x, new double[] {5, 4, 3, 2, 1})).isCloseTo(-1, within(1e-12));
    // Ranks 2, 1, 4, 3, 5 differ by 1 four times: 1 - 6 * 4 / (5 * 24).
    assertThat(Numbers.spearman(x, new double[] {2, 1, 4, 3, 5})).isCloseTo(0.8, within(1e-12));
    assertThat(Numbers.spearman(x, new double[] {1, 1, 1, 1, 1})).isNaN();
  }

  @Test
  void kendallCountsPairs() {
    double[] x = {1, 2, 3, 4};
    assertThat(Numbers.kendall(x, new double[] {10, 20, 30, 40})).isEqualTo(1);
    assertThat(Numbers.kendall(x, new double[] {4, 3, 2, 1})).isEqualTo(-1);
    // One pair of six is turned, one is equal.
    assertThat(Numbers.kendall(x, new double[] {2, 1, 3, 3})).isEqualTo(3.0 / 6);
  }

  @Test
  void geometricMeans() {
    assertThat(Numbers.geometricMean(new double[] {2, 8, 4})).isCloseTo(4, within(1e-12));
    assertThat(Numbers.geometricMean(new double[0])).isNaN();
  }

  @Test
  void tailExcludesTheLargestEntries() {
    assertThat(Numbers.tail(new double[] {0, -3, 4, 12}, 2)).isEqualTo(3.0 / 13);
    assertThat(Numbers.tail(new double[] {1, 2}, 2)).isZero();
    assertThat(Numbers.tail(new double[] {1, 2}, 5)).isZero();
    assertThat(Numbers.tail(new double[] {0, 0}, 1)).isZero();
  }
}
