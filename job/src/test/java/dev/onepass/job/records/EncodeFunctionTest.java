// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import java.lang.reflect.Field;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class EncodeFunctionTest {

  private static final SequenceKey KEY = new SequenceKey("h", "sé", 0);

  private static OneInputStreamOperatorTestHarness<Reply, RawRecord> harness(int maxBytes)
      throws Exception {
    return Samples.harness(
        new EncodeFunction(
            RecordFormat.JSON,
            "outputs",
            topic -> {
              assertThat(topic).isEqualTo("outputs");
              return maxBytes;
            }),
        FlowTypes.RAW_RECORD);
  }

  /** Captures the operator's counter, which Flink's groups show only to reporters. */
  private static long refused(OneInputStreamOperatorTestHarness<?, ?> harness) throws Exception {
    Object operator = ((AbstractStreamOperator<?>) harness.getOperator()).getMetricGroup();
    return ((Counter)
            children(children(operator, "groups").get("onepass"), "metrics").get("refused"))
        .getCount();
  }

  private static Map<?, ?> children(Object group, String field) throws Exception {
    Field map = AbstractMetricGroup.class.getDeclaredField(field);
    map.setAccessible(true);
    return (Map<?, ?>) map.get(group);
  }

  private static Reply reply(RawRecord query) {
    return new Reply.Stats(KEY, query, "q", 1, 2, "exact", true, 0, 0, false);
  }

  @Test
  void repliesHaveTheSequenceAsKeyAndTheQuerysHeaders() throws Exception {
    RawRecord query =
        Samples.record(
            "sé",
            "{}",
            Samples.header("trace", "1"),
            Samples.header("trace", "2"),
            Samples.header("none", null));
    try (var harness = harness(100_000)) {
      harness.processElement(reply(query), 1);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .satisfies(
              record -> {
                assertThat(record.topic()).isEqualTo("outputs");
                assertThat(Samples.text(record.key())).isEqualTo("sé");
                assertThat(Samples.text(record.value()))
                    .startsWith("{\"sequence\":\"sé\",\"query_id\":\"q\",\"head\":\"h\"");
                assertThat(record.headers()).isEqualTo(query.headers());
              });
      assertThat(harness.getSideOutput(SideOutputs.DEAD_LETTERS)).isNullOrEmpty();
    }
  }

  @Test
  void aReplyThatIsTooLargeBecomesADeadLetter() throws Exception {
    RawRecord query = Samples.record("sé", "{\"query_id\":\"q\",\"stats\":true}");
    int size;
    try (var harness = harness(100_000)) {
      harness.processElement(reply(query), 1);
      size = (int) RecordLimit.bytes(harness.extractOutputValues().get(0));
    }
    try (var harness = harness(size)) {
      harness.processElement(reply(query), 1);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(refused(harness)).isZero();
    }
    try (var harness = harness(size - 1)) {
      harness.processElement(reply(query), 1);
      assertThat(harness.extractOutputValues()).isEmpty();
      assertThat(refused(harness)).isEqualTo(1);
      assertThat(harness.getSideOutput(SideOutputs.DEAD_LETTERS))
          .singleElement()
          .satisfies(
              letter -> {
                DeadLetter deadLetter = letter.getValue();
                assertThat(deadLetter.origin()).isSameAs(query);
                assertThat(deadLetter.error())
                    .startsWith("output too large: " + size + " bytes, but the brokers accept ")
                    .contains("max.message.bytes")
                    .contains("kafka.properties.max.request.size");
              });
    }
  }

  @Test
  void headersCountToo() throws Exception {
    RawRecord query = Samples.record("s", "{}", Samples.header("big", "x".repeat(1_000)));
    try (var harness = harness(1_200)) {
      harness.processElement(reply(query), 1);
      assertThat(harness.extractOutputValues()).isEmpty();
      assertThat(harness.getSideOutput(SideOutputs.DEAD_LETTERS)).hasSize(1);
    }
  }

  @Test
  void aReplyThatATrialRefusesBecomesADeadLetter() throws Exception {
    RawRecord query = Samples.record("s", "{}", Samples.header("big", "x".repeat(1_000)));
    FakeTopic topic = new FakeTopic(1_200, false);
    try (var harness =
        Samples.harness(
            new EncodeFunction(RecordFormat.JSON, "outputs", topic), FlowTypes.RAW_RECORD)) {
      harness.processElement(reply(query), 1);
      harness.processElement(reply(Samples.record("s", "{}")), 1);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(harness.getSideOutput(SideOutputs.DEAD_LETTERS))
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.getValue().error())
                      .matches("output too large: \\d+ bytes, but the brokers accept less; .*"));
      topic.isDelivering = true;
      harness.processElement(reply(Samples.record("s", "{}")), 1);
      assertThat(harness.extractOutputValues()).as("delivered already").hasSize(1);
    }
  }

  /** Brokers refuse timestamps that are far off, and retention deletes old records at once. */
  @Test
  void anOutputDoesNotHaveItsQuerysTimestamp() throws Exception {
    for (long timestamp : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      RawRecord query = new RawRecord("in", 0, 0, timestamp, Samples.utf8("s"), null, Headers.NONE);
      try (var harness = harness(100_000)) {
        harness.processElement(reply(query), 1);
        assertThat(harness.extractOutputValues().get(0).timestamp()).isEqualTo(-1);
      }
    }
  }
}
