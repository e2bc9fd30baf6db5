// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.holes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.SequenceKey;
import org.junit.jupiter.api.Test;

class MovedSequencesTest {

  private final MovedSequences moved = new MovedSequences();

  @Test
  void warnsOncePerMinuteAndCountsTheTokensBetween() {
    SequenceKey key = new SequenceKey("h", "s-1", 0);
    assertThat(moved.warning(key, 3, 5, 1_000))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .startsWith(
                        "head h, sequence s-1: a token came from partition 5, but earlier tokens came from partition 3 (0 more"));
    for (int i = 0; i < 7; i++) {
      assertThat(moved.warning(key, 3, 5, 60_999)).isEmpty();
    }
    assertThat(moved.warning(key, 5, 3, 61_000))
        .hasValueSatisfying(line -> assertThat(line).contains("(7 more such tokens"));
    assertThat(moved.warning(key, 5, 3, 61_001)).isEmpty();
  }

  @Test
  void anIdCannotForgeALineOfTheLog() {
    SequenceKey key = new SequenceKey("h", "s\nERROR forged", 0);

    assertThat(moved.warning(key, 0, 1, 0))
        .hasValueSatisfying(line -> assertThat(line).doesNotContain("\n"));
  }
}
