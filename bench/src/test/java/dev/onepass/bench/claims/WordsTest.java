// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void trendsFollowTheExponent() {
    assertThat(Words.trend(-0.5)).isEqualTo("falls (as n^-0.50)");
    assertThat(Words.trend(0.1)).isEqualTo("stays constant");
    assertThat(Words.trend(0.4)).isEqualTo("rises (as n^0.40)");
  }

  @Test
  void bytesHaveUnits() {
    assertThat(Words.bytes(1_536)).isEqualTo("1.5 KiB");
    assertThat(Words.bytes(3 << 20)).isEqualTo("3.0 MiB");
  }

  @Test
  void everyClaimSaysWhatItIs() {
    assertThat(Claims.names()).doesNotHaveDuplicates();
    for (Claim claim : Claims.ALL) {
      assertThat(claim.name()).matches("[a-z-]+");
      assertThat(claim.title()).isNotBlank();
      assertThat(claim.claim()).endsWith(".");
      assertThat(claim.measured()).endsWith(".");
    }
  }
}
