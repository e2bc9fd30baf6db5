// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "131072 B, 131072",
    "7b, 7",
    "7 bytes, 7",
    "128KiB, 131072",
    "128 kb, 131072",
    "' 1k ', 1024",
    "1MiB, 1048576",
    "1gib, 1073741824",
    "2147483647b, 2147483647",
    "0 B, 0"
  })
  void readsSizesWithTheirUnits(String text, int bytes) throws BadValueException {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "KiB",
        "-1",
        "1.5k",
        "1 tb",
        "1 k b",
        "999999999999999999999",
        "2gib",
        "2147483648b",
        "0",
        "131072",
        "\u0663k",
        "1e3",
        "0x10",
        "1_000 b"
      })
  void refusesOtherText(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(BadValueException.class);
  }
}
