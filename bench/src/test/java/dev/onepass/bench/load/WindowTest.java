// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowTest {

  @Test
  void windowSkipsTheBeginning() {
    Window window = new Window(100);
    window.at(10, 1_000_000_000L);
    window.at(50, 2_000_000_000L);
    assertThat(window.rate(100, 4_000_000_000L)).isEqualTo(25);
  }
}
