// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BehindTest {

  private static final TopicPartition FIRST = new TopicPartition("t", 0);
  private static final TopicPartition SECOND = new TopicPartition("t", 1);

  private static Brokers.Ends ends(long high, long stable, long secondHigh, long secondStable) {
    return new Brokers.Ends(
        Map.of(FIRST, high, SECOND, secondHigh), Map.of(FIRST, stable, SECOND, secondStable));
  }

  @Test
  void countsUncommittedRecords() {
    Behind behind = new Behind(true);
    assertThat(behind.records()).isZero();
    behind.update(ends(100, 40, 7, 7), Map.of(FIRST, 40L, SECOND, 4L), 1_000);
    assertThat(behind.records()).isEqualTo(63);
    // A position that was read before the ends may be too low, but never too high.
    behind.update(ends(100, 40, 7, 7), Map.of(FIRST, 120L, SECOND, 7L), 1_000);
    assertThat(behind.records()).isZero();
  }

  @Test
  void measuresHowLongAnOffsetHasNotMoved() {
    Behind behind = new Behind(true);
    behind.update(ends(100, 40, 7, 7), Map.of(), 1_000);
    assertThat(behind.openTransactionMillis(3_000)).isEqualTo(2_000);
    behind.update(ends(150, 40, 9, 8), Map.of(), 11_000);
    assertThat(behind.openTransactionMillis(12_000)).isEqualTo(11_000);
    // Short transactions that follow each other do not add up.
    behind.update(ends(200, 150, 9, 8), Map.of(), 21_000);
    assertThat(behind.openTransactionMillis(22_000)).isEqualTo(11_000);
    behind.update(ends(200, 200, 9, 9), Map.of(), 31_000);
    assertThat(behind.openTransactionMillis(32_000)).isZero();
  }

  @Test
  void readersOfUncommittedRecordsDoNotWait() {
    Behind behind = new Behind(false);
    behind.update(ends(100, 40, 7, 7), Map.of(FIRST, 40L), 1_000);
    assertThat(behind.openTransactionMillis(3_000)).isZero();
    assertThat(behind.records()).isEqualTo(60);
  }
}
