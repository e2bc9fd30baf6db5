// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.HistogramStatistics;
import org.junit.jupiter.api.Test;

class RecentHistogramTest {

  private final RecentHistogram histogram = new RecentHistogram();

  @Test
  void quantilesAreValuesOfTheHistogram() {
    for (int i = 100; i >= 1; i--) {
      histogram.update(i);
    }
    HistogramStatistics statistics = histogram.getStatistics();

    assertThat(histogram.getCount()).isEqualTo(100);
    assertThat(statistics.size()).isEqualTo(100);
    assertThat(statistics.getQuantile(0)).isEqualTo(1);
    assertThat(statistics.getQuantile(0.5)).isEqualTo(50);
    assertThat(statistics.getQuantile(0.95)).isEqualTo(95);
    assertThat(statistics.getQuantile(0.999)).isEqualTo(100);
    assertThat(statistics.getQuantile(1)).isEqualTo(100);
    assertThat(statistics.getMean()).isEqualTo(50.5);
    // The standard deviation of 1 to n is sqrt(n (n + 1) / 12).
    assertThat(statistics.getStdDev()).isEqualTo(Math.sqrt(100 * 101 / 12.0));
    assertThat(statistics.getMin()).isEqualTo(1);
    assertThat(statistics.getMax()).isEqualTo(100);
    assertThat(statistics.getValues()).isSorted().hasSize(100);
  }

  @Test
  void onlyTheNewestValuesCount() {
    for (int i = 0; i < 3 * RecentHistogram.WINDOW; i++) {
      histogram.update(i < 2 * RecentHistogram.WINDOW + 24 ? 7 : 1_000 + i);
    }
    HistogramStatistics statistics = histogram.getStatistics();

    assertThat(histogram.getCount()).isEqualTo(3 * RecentHistogram.WINDOW);
    assertThat(statistics.size()).isEqualTo(RecentHistogram.WINDOW);
    assertThat(statistics.getQuantile(24.0 / RecentHistogram.WINDOW)).isEqualTo(7);
    assertThat(statistics.getQuantile(25.0 / RecentHistogram.WINDOW)).isGreaterThan(1_000);
  }

  @Test
  void anEmptyHistogramHasNoQuantiles() {
    HistogramStatistics statistics = histogram.getStatistics();

    assertThat(histogram.getCount()).isZero();
    assertThat(statistics.size()).isZero();
    assertThat(statistics.getQuantile(0.5)).isNaN();
    assertThat(statistics.getMean()).isNaN();
    assertThat(statistics.getStdDev()).isZero();
  }
}
