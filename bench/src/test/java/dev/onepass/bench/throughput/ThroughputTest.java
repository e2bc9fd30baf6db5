// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.load.Cell;
import dev.onepass.bench.throughput.Throughput.Rates;
import dev.onepass.job.format.RecordFormat;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks that the job is not many times slower than a job that passes tokens through. */
class ThroughputTest {

  /** Sequences stay in exact mode, so this measures the work of the job without any folds. */
  @Test
  @Timeout(60)
  void jobWithoutFoldsIsNotMuchSlowerThanPassThrough() throws IOException {
    Cell cell = new Cell("smoke", 32, 32, RecordFormat.PROTOBUF, 1_000, 100);
    try (Throughput throughput = new Throughput(1, MemorySize.ofMebiBytes(64), false, Map.of())) {
      Rates rates = throughput.measure(cell, 100_000, 1);
      // Measured on an idle machine: about 1.
      assertThat(rates.ratio()).isGreaterThan(0.25);
    }
  }

  @Test
  void ratesAreMediansOfRuns() {
    assertThat(Rates.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Rates.median(List.of(4.0, 1.0))).isEqualTo(2.5);
    assertThat(new Rates(List.of(1.0, 2.0, 9.0), List.of(4.0), 0, 0, 1).ratio()).isEqualTo(0.5);
  }
}
