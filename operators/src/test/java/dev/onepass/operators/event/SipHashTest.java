// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipHashTest {

  /** Uses vectors of the authors' reference: key 00 01 .. 0f, and bytes 00 01 .. of each length. */
  @ParameterizedTest(name = "{0} bytes")
  @CsvSource({
    "0, 726fdb47dd0e0e31",
    "1, 74f839c593dc67fd",
    "2, 0d6c8009d9a94f5a",
    "3, 85676696d7fb7e2d",
    "7, ab0200f58b01d137",
    "8, 93f5f5799a932462",
    "15, a129ca6149be45e5",
    "63, 958a324ceb064572"
  })
  void hashesEqualTheReference(int length, String hash) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }

    assertThat(SipHash.hash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, bytes))
        .isEqualTo(Long.parseUnsignedLong(hash, 16));
  }
}
