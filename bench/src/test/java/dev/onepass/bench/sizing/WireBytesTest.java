// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.job.format.RecordFormat;
import org.junit.jupiter.api.Test;

class WireBytesTest {

  @Test
  void encodedTokensAreLittleLargerThanTheirFloats() {
    WireBytes protobuf = WireBytes.of(RecordFormat.PROTOBUF, 32);
    WireBytes json = WireBytes.of(RecordFormat.JSON, 32);
    assertThat(protobuf.record()).isCloseTo(256, within(32.0));
    assertThat(json.record()).isBetween(2 * protobuf.record(), 4 * protobuf.record());
    // A shuffled token includes its record, which a dead letter would need.
    assertThat(protobuf.shuffled()).isBetween(2 * 256.0, 2 * 256 + 200.0);
  }
}
