// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private static final Sequence SEQUENCE = new Sequence("s", new HeadName(0, 7), 1, 2);
  private static final HeadRows ROWS =
      new HeadRows(
          3,
          2,
          new float[] {1, 2, 3, 4, 5, 6},
          new float[] {0.1f, -2, 3e-9f, 4, 5, 6},
          new float[] {1, 2, 3, 4, 5, 6.5f});

  private final Records records = new Records();

  @Test
  void writesTheRecordsOfTheContract() {
    assertThat(text(records.token(SEQUENCE, ROWS, 1)))
        .isEqualTo("{\"position\":1,\"key\":[5.0,6.0],\"value\":[5.0,6.5],\"head\":\"L0H7\"}");
    assertThat(text(records.query(new Question("q", SEQUENCE, new int[] {2, 0}, 2), ROWS)))
        .isEqualTo(
            "{\"query_id\":\"q\",\"queries\":[[5.0,6.0],[1.0,2.0]],\"head\":\"L0H7\",\"as_of\":2}");
    assertThat(text(records.stats("q", SEQUENCE)))
        .isEqualTo("{\"query_id\":\"q\",\"head\":\"L0H7\",\"stats\":true}");
  }

  @Test
  void floatsKeepTheirExactValue() {
    Sequence sequence = new Sequence("s", new HeadName(0, 7), 0, 3);
    String first = text(records.token(sequence, ROWS, 0));
    String second = text(records.token(sequence, ROWS, 1));

    assertThat(first).contains("\"key\":[0.1,-2.0]");
    String number = second.substring(second.indexOf("key\":[") + 6, second.indexOf(",4.0]"));
    assertThat(Float.parseFloat(number)).isEqualTo(3e-9f);
  }

  @Test
  void readsAnswersAndIgnoresUnknownFields() throws IOException {
    Reply reply =
        records.reply(
            """
            {"sequence":"s","query_id":"q","head":"h","outputs":[[1,2.5],[3,4]],"error":[null,0],
             "beyond_bound":[0.25,0],"tokens":7,"anchors_version":3,"exact":false,"timed_out":true,"new":{"a":[{}]}}
            """
                .getBytes(StandardCharsets.UTF_8),
            5);

    assertThat(reply).isInstanceOf(Reply.Answer.class);
    Reply.Answer answer = (Reply.Answer) reply;
    assertThat(answer.outputs()).isDeepEqualTo(new double[][] {{1, 2.5}, {3, 4}});
    assertThat(answer.beyondBound()).containsExactly(0.25, 0);
    assertThat(answer.error()).containsExactly(Double.NaN, 0);
    assertThat(answer.anchorsVersion()).isEqualTo(3);
    assertThat(answer.tokens()).isEqualTo(7);
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.exact()).isFalse();
  }

  @Test
  void readsStatistics() throws IOException {
    byte[] record =
        "{\"sequence\":\"s\",\"query_id\":\"q\",\"tokens\":7,\"state_bytes\":99,\"exact\":true}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(records.reply(record, 5)).isEqualTo(new Reply.Stats("q", "s", 7, 99, true, 5));
  }

  @Test
  void refusesRecordsThatAreNotAnswers() {
    assertThatThrownBy(() -> records.reply("[]".getBytes(StandardCharsets.UTF_8), 0))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> records.reply("{}".getBytes(StandardCharsets.UTF_8), 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("query_id");
  }

  private static String text(byte[] record) {
    return new String(record, StandardCharsets.UTF_8);
  }
}
