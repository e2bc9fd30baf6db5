// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnwrittenTest {

  private final Unwritten unwritten = new Unwritten();

  @Test
  void ageIsZeroWithoutWaitingRecords() {
    assertThat(unwritten.oldestMillis(5_000)).isZero();
    unwritten.handOver(1_000);
    unwritten.handOver(1_500);
    unwritten.acknowledge();
    unwritten.acknowledge();
    assertThat(unwritten.oldestMillis(5_000)).isZero();
  }

  @Test
  void theOldestRecordCounts() {
    unwritten.handOver(1_000);
    unwritten.handOver(1_010);
    unwritten.handOver(3_000);
    assertThat(unwritten.oldestMillis(5_000)).isEqualTo(4_000);
    unwritten.acknowledge();
    assertThat(unwritten.oldestMillis(5_000)).isEqualTo(4_000);
    unwritten.acknowledge();
    assertThat(unwritten.oldestMillis(5_000)).isEqualTo(2_000);
    unwritten.acknowledge();
    assertThat(unwritten.oldestMillis(5_000)).isZero();
    unwritten.handOver(6_000);
    assertThat(unwritten.oldestMillis(6_250)).isEqualTo(250);
  }

  @Test
  void ageIsExactToATenthOfASecond() {
    long now = 0;
    for (int i = 0; i < 100_000; i++) {
      unwritten.handOver(now);
      if (i >= 500) {
        unwritten.acknowledge();
        assertThat(unwritten.oldestMillis(now)).isBetween(499L, 600L);
      }
      now++;
    }
  }

  @Test
  void recordsThatWaitVeryLongKeepTheirAge() {
    for (int i = 0; i < 5_000; i++) {
      unwritten.handOver(i * 100L);
    }
    assertThat(unwritten.oldestMillis(500_000)).isEqualTo(500_000);
    for (int i = 0; i < 5_000; i++) {
      unwritten.acknowledge();
    }
    assertThat(unwritten.oldestMillis(500_000)).isZero();
  }
}
