// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.amplification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.onepass.bench.amplification.Amplification.Setup;
import dev.onepass.bench.amplification.Amplification.Written;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AmplificationTest {

  /** Compares the bytes that RocksDB counts with the formula for sizing. */
  @Test
  @Timeout(120)
  void formulaPredictsTheBytesPutIntoRocksDb() throws Exception {
    try (Amplification amplification = new Amplification(1, MemorySize.ofMebiBytes(64), Map.of())) {
      // The cluster family uses its whole budget, as the formula assumes.
      Setup setup = new Setup("cluster", 32 << 10, 30, 64 << 20, 64, 64);
      List<Written> runs = new ArrayList<>();
      for (int run = 0; run < 3; run++) {
        runs.add(amplification.measure(setup, 3));
      }
      runs.sort(Comparator.comparingDouble(run -> run.put() / run.expected()));
      // The checkpoints here are irregular, so the job writes some sketches early and again later.
      // Their number varies from run to run.
      Written cached = runs.get(1);
      assertThat(cached.put()).isBetween(0.7 * cached.expected(), 1.6 * cached.expected());
      Written uncached = amplification.measure(new Setup("cluster", 32 << 10, 30, 0, 64, 64), 3);
      assertThat(uncached.put()).isCloseTo(uncached.expected(), withinPercentage(30));
      assertThat(uncached.put()).isGreaterThan(2 * cached.put());
      assertThat(cached.checkpointed()).isPositive();
    }
  }
}
