// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BusiestTaskTest {

  @Test
  void oneSequenceLoadsOneThreadUnlessItIsSharded() {
    BusiestTask busiest = new BusiestTask(1, 1, 8);

    assertThat(busiest.share(0, 8, 1)).isEqualTo(1);
    assertThat(busiest.share(1, 8, 1)).isCloseTo(1.0 / 8, within(1e-12));
    assertThat(busiest.share(1, 2, 1)).isCloseTo(1.0 / 2, within(1e-12));
    assertThat(busiest.share(1, 16, 1)).isCloseTo(1.0 / 8, within(1e-12));
  }

  @Test
  void shardsOfHotSequencesReduceTheShareOfTheBusiestThread() {
    BusiestTask busiest = new BusiestTask(1_000, 1.2, 8);
    for (int naming = 0; naming < 5; naming++) {
      double without = busiest.share(0, 8, naming);
      double with = busiest.share(16, 8, naming);
      assertThat(without).isGreaterThan(0.25);
      assertThat(with).isBetween(1.0 / 8, 0.17);
    }
  }
}
