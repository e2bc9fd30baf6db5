// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReservoirTest {

  @Test
  void theFirstElementsFillThePlacesInOrder() {
    for (int n = 0; n < 100; n++) {
      assertThat(Reservoir.place(7, n, 100)).isEqualTo(n);
    }
  }

  @Test
  void everyElementStaysWithTheSameProbability() {
    int capacity = 50;
    int elements = 1_000;
    int early = 0;
    int trials = 400;
    for (int seed = 0; seed < trials; seed++) {
      long[] sample = new long[capacity];
      for (int n = 0; n < elements; n++) {
        int place = Reservoir.place(seed * 31L, n, capacity);
        if (place != Reservoir.NONE) {
          sample[place] = n;
        }
      }
      for (long n : sample) {
        early += n < elements / 4 ? 1 : 0;
      }
    }
    assertThat(early / (double) (capacity * trials)).isCloseTo(0.25, within(0.02));
  }

  @Test
  void theNumberOfChosenElementsGrowsWithTheLogarithm() {
    int passed = 0;
    for (long n = 0; n < 1_000_000; n++) {
      passed += Reservoir.place(3, n, 100) == Reservoir.NONE ? 0 : 1;
    }
    // Expected: 100 (1 + ln 10^4).
    assertThat((double) passed).isCloseTo(1_021, within(120.0));
  }

  @Test
  void aSubtaskGetsTwiceItsFairShareAtMostAll() {
    SampleSizes sizes = SampleSizes.of(4_096);

    assertThat(sizes).isEqualTo(new SampleSizes(8_192, 16_384, 256));
    assertThat(sizes.share(1)).isEqualTo(sizes);
    assertThat(sizes.share(8)).isEqualTo(new SampleSizes(2_048, 4_096, 256));
    assertThat(sizes.share(1_000)).isEqualTo(new SampleSizes(256, 256, 256));
    assertThat(SampleSizes.of(1)).isEqualTo(new SampleSizes(2, 4, 2));
  }
}
