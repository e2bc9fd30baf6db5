// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static double mean(double[] samples, int[] drawn) {
    return Arrays.stream(drawn).mapToDouble(i -> samples[i]).average().orElseThrow();
  }

  @Test
  void theIntervalOfAMeanIsThatOfTheNormalDistribution() {
    double[] samples = new Random(7).doubles(2_000).toArray();

    Bootstrap.Interval interval = Bootstrap.interval(2_000, drawn -> mean(samples, drawn));

    double mean = Arrays.stream(samples).average().orElseThrow();
    double deviation =
        Math.sqrt(Arrays.stream(samples).map(x -> (x - mean) * (x - mean)).sum() / 2_000 / 2_000);
    assertThat(interval.low()).isCloseTo(mean - 1.645 * deviation, within(0.25 * deviation));
    assertThat(interval.high()).isCloseTo(mean + 1.645 * deviation, within(0.25 * deviation));
  }

  @Test
  void drawsOfTwoSamplesAreEqualQuarters() {
    double[] samples = {0, 1};

    int[] zeros = new int[1];
    int[] all = new int[1];
    Bootstrap.Interval interval =
        Bootstrap.interval(
            2,
            drawn -> {
              all[0]++;
              zeros[0] += mean(samples, drawn) == 0 ? 1 : 0;
              return mean(samples, drawn);
            });

    assertThat(interval).isEqualTo(new Bootstrap.Interval(0, 1));
    assertThat(zeros[0] / (double) all[0]).isCloseTo(0.25, within(0.07));
  }

  @Test
  void oneSampleHasNoSpread() {
    assertThat(Bootstrap.interval(1, drawn -> 3)).isEqualTo(new Bootstrap.Interval(3, 3));
  }
}
