// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CellTest {

  @Test
  void sequencesLeaveExactModeBeforeTheClockStarts() {
    for (Cell cell : Cell.ALL) {
      long tokens = cell.tokens(1);
      long exactTokens = (cell.stateKib() << 10) / (8L * cell.dim() + 6);
      if (cell.tokensEach() == 0) {
        assertThat(Window.SKIPPED * tokens)
            .isGreaterThan((double) (exactTokens * cell.sequences()));
      }
    }
  }
}
