// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @Test
  void readsAndWritesSizes() {
    assertThat(ByteSize.parse("128KiB")).isEqualTo(131_072);
    assertThat(ByteSize.parse(" 2 MiB ")).isEqualTo(2 << 20);
    assertThat(ByteSize.parse("77")).isEqualTo(77);
    assertThat(ByteSize.format(77)).isEqualTo("77 B");
    assertThat(ByteSize.format(75_000)).isEqualTo("73.2 KiB");
    assertThat(ByteSize.format(32L << 20)).isEqualTo("32.0 MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "KiB", "-1KiB", "1.5KiB", "1 kilo"})
  void refusesInvalidSizes(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
  }
}
