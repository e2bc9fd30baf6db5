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
  void everythingElseIsRefused() {
    assertThatThrownBy(() -> RecordKey.sequence(null))
        .isInstanceOf(BadRecordException.class)
        .hasMessage("record key: missing; it is the sequence id");
    assertThatThrownBy(() -> RecordKey.sequence(new byte[0]))
        .hasMessage("record key: 0 bytes; a sequence id has 1 to 1024");
    assertThatThrownBy(() -> RecordKey.sequence(Samples.utf8("é".repeat(512) + "x")))
        .hasMessage("record key: 1025 bytes; a sequence id has 1 to 1024");
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
