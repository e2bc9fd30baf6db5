// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.restore.Restore.Seconds;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RestoreTest {

  @Test
  @Timeout(120)
  void restoresStateFromCheckpointAndSavepoint() throws Exception {
    try (Restore restore = new Restore(1, MemorySize.ofMebiBytes(64), Map.of())) {
      Seconds seconds = restore.measure(8 << 20);
      assertThat(seconds.sequences()).isEqualTo(256);
      // RocksDB compresses files and decides when to merge them; merged files are uploaded again.
      // Where it merges before the first checkpoint, that has less than half of the state's bytes.
      assertThat(seconds.firstBytes()).isBetween(2L << 20, 12L << 20);
      assertThat(seconds.nextBytes()).isBetween(1L, seconds.firstBytes() + (1 << 20));
      assertThat(seconds.fromCheckpoint()).isPositive();
      assertThat(seconds.fromSavepoint()).isPositive();
    }
  }
}
