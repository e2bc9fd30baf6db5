// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.records.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordKeyTest {

  @Test
  void utf8Of1To1024Bytes() throws BadRecordException {
    for (String id : List.of("s", "\0", " ", "é\ud83d\ude00", "x".repeat(1024), "é".repeat(512))) {
      assertThat(RecordKey.sequence(Samples.utf8(id))).isEqualTo(id);
    }
  }

  @Test
  void otherKeysAreRefused() {
    assertThatThrownBy(() -> RecordKey.sequence(null))
        .isInstanceOf(BadRecordException.class)
        .hasMessage("record key: missing; set the sequence id as the key");
    assertThatThrownBy(() -> RecordKey.sequence(new byte[0]))
        .hasMessage("record key: must have 1 to 1024 bytes, got 0");
    assertThatThrownBy(() -> RecordKey.sequence(Samples.utf8("é".repeat(512) + "x")))
        .hasMessage("record key: must have 1 to 1024 bytes, got 1025");
    for (byte[] broken :
        new byte[][] {
          {(byte) 0xff},
          {(byte) 0xc0, (byte) 0x80},
          {'a', (byte) 0xe2, (byte) 0x82},
          {(byte) 0xed, (byte) 0xa0, (byte) 0x80}
        }) {
      assertThatThrownBy(() -> RecordKey.sequence(broken))
          .isInstanceOf(BadRecordException.class)
          .hasMessage("record key: not valid UTF-8");
    }
  }
}
