// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.exact.ExactFamily;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateLayoutTest {

  @ParameterizedTest
  @CsvSource({
    "64,64,32768,0",
    "64,64,1048576,0",
    "1,1,200,0",
    "4,4,4096,3",
    "8192,8192,1048576,0",
    "1,1,2147483647,0"
  })
  void everyByteIsSpokenForOnce(int d, int dv, int stateSize, int cutSize) {
    StateLayout layout = StateLayout.of(d, dv, stateSize, cutSize, Decay.NONE);
    int block = layout.cutSize() * layout.tokenBytes();
    int largestStored = block - layout.tokenBytes();
    assertThat(4L * block).isLessThanOrEqualTo(stateSize);
    assertThat((long) StateLayout.RESERVED_BYTES + largestStored + layout.sketchBytes())
        .isBetween((long) stateSize - layout.tokenBytes() + 1, (long) stateSize);
    assertThat(108L + block + layout.sketchBytes())
        .as("sketches leave 108 bytes")
        .isEqualTo(stateSize);
    assertThat(layout.exactTokens()).isGreaterThanOrEqualTo(layout.cutSize());
    assertThat(StateLayout.RESERVED_BYTES + (long) layout.exactTokens() * layout.tokenBytes())
        .isBetween((long) stateSize - layout.tokenBytes() + 1, (long) stateSize);
    assertThat(layout.cutSize()).isBetween(1, cutSize > 0 ? cutSize : 256);
  }

  /** A restored sequence in shards depends on it. */
  @Test
  void blocksOfPositionsLeaveNoRoomForBiasesAndTimes() {
    HeadSpec head = new HeadSpec("h", 4, 2, 1, 4096, 0, ExactFamily.INSTANCE, 1, Map.of());
    assertThat(head.shardBlock()).isEqualTo(1024 / 30);
    assertThat(head.withDecay(Decay.byTokens(10)).shardBlock()).isEqualTo(1024 / 30);
    assertThat(head.layout().cutSize()).isEqualTo(1024 / 34);
  }

  @Test
  void sizesThatDoNotFitSayWhatWould() {
    assertThatThrownBy(() -> StateLayout.of(64, 64, 2000, 0, Decay.NONE))
        .hasMessageContaining("the state size must be at least 2088 bytes, it is 2000");
    assertThatThrownBy(() -> StateLayout.of(1, 1, 60, 0, Decay.NONE))
        .hasMessageContaining("the state size must");
    assertThatThrownBy(() -> StateLayout.of(1, 1, 150, 2, Decay.NONE))
        .hasMessageContaining("the state size must be at least 162 bytes, it is 150");
    assertThatThrownBy(() -> StateLayout.of(1, 1, 1000, 100, Decay.NONE))
        .hasMessageContaining("the cut size must be at most 13");
    assertThatThrownBy(() -> StateLayout.of(1, 1, 1000, -1, Decay.NONE))
        .hasMessageContaining("the cut size must not be negative, it is -1");
  }
}
