// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format;

import static dev.onepass.job.records.Samples.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class QueryIdsTest {

  private static final String ID = "ä/1";

  @Test
  void findsIdsAnywhereInJson() {
    QueryIds ids = new QueryIds(RecordFormat.JSON);
    assertThat(
            ids.ofQuery(
                utf8("{\"a\":{\"query_id\":\"no\"},\"queries\":[[1]],\"query_id\":\"ä/1\"}")))
        .contains(ID);
    assertThat(ids.ofReply(reply(RecordFormat.JSON))).contains(ID);
    for (String none :
        new String[] {
          "", "[]", "{}", "{\"query_id\":7}", "{\"query_id\":null}", "{\"q", "\u0000"
        }) {
      assertThat(ids.ofQuery(utf8(none))).as(none).isEmpty();
    }
    assertThat(ids.ofQuery(null)).isEmpty();
  }

  @Test
  void findsIdsInProtobuf() throws IOException {
    QueryIds ids = new QueryIds(RecordFormat.PROTOBUF);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream query = CodedOutputStream.newInstance(bytes);
    query.writeString(3, "head");
    query.writeString(1, ID);
    query.flush();
    assertThat(ids.ofQuery(bytes.toByteArray())).contains(ID);
    assertThat(ids.ofReply(reply(RecordFormat.PROTOBUF))).contains(ID);
    assertThat(ids.ofQuery(new byte[0])).isEmpty();
    assertThat(ids.ofQuery(new byte[] {(byte) 0xff, 1})).isEmpty();
  }

  private static byte[] reply(RecordFormat format) {
    return format
        .writer()
        .write(
            new Reply.Stats(
                new SequenceKey("h", "s", 0),
                Samples.record("s", "q"),
                ID,
                1,
                2,
                "exact",
                true,
                0,
                0,
                false));
  }
}
