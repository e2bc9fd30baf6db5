// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.onepass.bench.latency.Latency.Schedule;
import dev.onepass.bench.latency.Latency.Times;
import dev.onepass.bench.load.Cell;
import dev.onepass.job.format.RecordFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks that every query is counted. Does not check how fast the answers are. */
class LatencyTest {

  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void everyQueryIsAnsweredUnderLoad(StateHome home) throws IOException {
    assumeThat(home.isHere()).isTrue();
    Cell cell = new Cell("smoke", 32, 32, RecordFormat.PROTOBUF, 100, 100);
    Duration half = Duration.ofMillis(500);
    Schedule schedule = new Schedule(0.1, 50, half.multipliedBy(4), half, half.multipliedBy(3));
    try (Latency latency =
        new Latency(
            1, MemorySize.ofMebiBytes(64), Duration.ofMillis(5), home, Map.of(), Map.of())) {
      Times times = latency.measure(cell, 10_000, schedule);
      assertThat(times.asked()).isBetween(380L, 405L);
      assertThat(times.answered()).isEqualTo(times.asked());
      assertThat(times.largestRate()).isPositive();
      assertThat(times.micros().getTotalCount()).isEqualTo(75);
      assertThat(times.micros().getValueAtPercentile(50)).isPositive();
    }
  }
}
