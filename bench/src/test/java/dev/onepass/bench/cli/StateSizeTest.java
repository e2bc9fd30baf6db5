// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateSizeTest {
  @Test
  void readsSizes() {
    assertThat(StateSize.parse("512KiB").bytes()).isEqualTo(512 << 10);
    assertThat(StateSize.parse(" 2 mib").bytes()).isEqualTo(2 << 20);
    assertThat(StateSize.parse("700").bytes()).isEqualTo(700);
    assertThat(StateSize.parse("32KiB")).hasToString("32KiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "0", "12 apples", "2GiB", "1.5KiB", "9999999999"})
  void refusesInvalidSizes(String text) {
    assertThatThrownBy(() -> StateSize.parse(text)).hasMessageContaining("'" + text + "'");
  }
}
