// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.ordering.EventTime;
import java.lang.reflect.Field;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecodeFunctionTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);
  private static final String QUERY = "{\"query_id\":\"q\",\"queries\":[[1,2]]}";
  private static final String TOKEN = "{\"key\":[1,2],\"value\":[3,4,5]}";

  private static OneInputStreamOperatorTestHarness<RawRecord, Event> harness(
      DecodeFunction.Kind kind) throws Exception {
    return Samples.harness(
        new DecodeFunction(kind, RecordFormat.JSON, Samples.heads("default", "b"), 3),
        FlowTypes.EVENT);
  }

  private static List<DeadLetter> deadLetters(
      OneInputStreamOperatorTestHarness<RawRecord, Event> harness) {
    var letters = harness.getSideOutput(SideOutputs.DEAD_LETTERS);
    return letters == null ? List.of() : letters.stream().map(letter -> letter.getValue()).toList();
  }

  @Test
  void tokensBecomeEvents() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      RawRecord token = Samples.record("s", "{\"key\":[1,2],\"value\":[3,4,5],\"head\":\"b\"}");
      RawRecord forget = Samples.record("s", "{\"op\":\"forget\",\"head\":\"b\"}");
      harness.processElement(token, 1);
      harness.processElement(forget, 2);
      assertThat(harness.extractOutputValues())
          .satisfiesExactly(
              event -> {
                assertThat(event).isInstanceOf(Event.Token.class);
                assertThat(event.key()).isEqualTo(new SequenceKey("b", "s", 0));
                assertThat(event.origin()).isSameAs(token);
              },
              event ->
                  assertThat(event)
                      .isEqualTo(new Event.Forget(new SequenceKey("b", "s", 0), forget)));
      assertThat(deadLetters(harness)).isEmpty();
    }
  }

  @Test
  void sparseVectorsBecomeDenseEventsOrDeadLetters() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      harness.processElement(
          Samples.record("s", "{\"key\":{\"indices\":[1],\"values\":[2]},\"value\":[3,4,5]}"), 1);
      harness.processElement(
          Samples.record("s", "{\"key\":{\"indices\":[2],\"values\":[2]},\"value\":[3,4,5]}"), 2);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .isInstanceOfSatisfying(
              Event.Token.class, token -> assertThat(token.vectorKey()).containsExactly(0, 2));
      assertThat(deadLetters(harness))
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.error())
                      .isEqualTo(
                          "key.indices[0]: 2 is out of range; head default takes vectors of length 2 here, so the indices are 0 to 1"));
    }
  }

  /** Holds in event-time order as well, which refuses records without a timestamp. */
  @Test
  void holesPassUnchanged() throws Exception {
    RawRecord hole = new Hole("in", 3, 1_000, true).toRecord();
    for (var harness :
        List.of(harness(DecodeFunction.Kind.TOKENS), inEventTime(DecodeFunction.Kind.TOKENS))) {
      harness.processElement(hole, hole.timestamp());
      harness.processElement(at(NOW, TOKEN), NOW);

      assertThat(harness.getSideOutput(DecodeFunction.HOLES))
          .singleElement()
          .returns(hole, StreamRecord::getValue);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(deadLetters(harness)).isEmpty();
      harness.close();
    }
  }

  @Test
  void aNullValueForgetsTheSequenceInEveryHead() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      RawRecord tombstone = Samples.record("s", null);
      harness.processElement(tombstone, 1);
      assertThat(harness.extractOutputValues())
          .containsExactly(
              new Event.Forget(new SequenceKey("default", "s", 0), tombstone),
              new Event.Forget(new SequenceKey("b", "s", 0), tombstone));
      assertThat(deadLetters(harness)).isEmpty();
    }
  }

  @Test
  void queriesBecomeEvents() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.QUERIES)) {
      harness.processElement(Samples.record("s", "{\"query_id\":\"q\",\"queries\":[[1,2]]}"), 1);
      harness.processElement(Samples.record("s", "{\"query_id\":\"q\",\"stats\":true}"), 2);
      assertThat(harness.extractOutputValues())
          .satisfiesExactly(
              query -> assertThat(query).isInstanceOf(Event.Query.class),
              stats -> assertThat(stats).isInstanceOf(Event.StatsQuery.class));
      assertThat(deadLetters(harness)).isEmpty();
    }
  }

  @Test
  void badTokensAreDeadLettersAndOthersPass() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      RawRecord good = Samples.record("s", "{\"key\":[1,2],\"value\":[3,4,5]}");
      RawRecord noKey = Samples.record((String) null, "{\"key\":[1,2],\"value\":[3,4,5]}");
      RawRecord badKey = Samples.record(new byte[] {(byte) 0xff}, null);
      RawRecord badValue = Samples.record("s", "{\"key\":[1],\"value\":[3,4,5]}");
      RawRecord query = Samples.record("s", "{\"query_id\":\"q\",\"queries\":[[1,2]]}");
      for (RawRecord record : List.of(good, noKey, badKey, badValue, query, good)) {
        harness.processElement(record, 1);
      }
      assertThat(harness.extractOutputValues()).hasSize(2);
      assertThat(deadLetters(harness))
          .containsExactly(
              new DeadLetter(noKey, "record key: missing; set the sequence id as the key"),
              new DeadLetter(badKey, "record key: not valid UTF-8"),
              new DeadLetter(badValue, "key: expected length 2 for head default, got 1"),
              new DeadLetter(query, "key: missing"));
    }
  }

  @Test
  void badQueriesAreDeadLetters() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.QUERIES)) {
      RawRecord tombstone = Samples.record("s", null);
      RawRecord token = Samples.record("s", "{\"key\":[1,2],\"value\":[3,4,5]}");
      harness.processElement(tombstone, 1);
      harness.processElement(token, 2);
      assertThat(harness.extractOutputValues()).isEmpty();
      assertThat(deadLetters(harness))
          .containsExactly(
              new DeadLetter(tombstone, "record value: missing"),
              new DeadLetter(token, "query_id: missing"));
    }
  }

  @Test
  void watermarksPass() throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      harness.processWatermark(new Watermark(5));
      assertThat(harness.getOutput()).containsExactly(new Watermark(5));
    }
  }

  private static OneInputStreamOperatorTestHarness<RawRecord, Event> inEventTime(
      DecodeFunction.Kind kind) throws Exception {
    EventTime eventTime =
        new EventTime(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(10));
    return Samples.harness(
        new DecodeFunction(kind, RecordFormat.JSON, Samples.heads("default"), 3, eventTime, CLOCK),
        FlowTypes.EVENT);
  }

  private static RawRecord at(long timestamp, String value) {
    return new RawRecord(
        "in", 3, 42, timestamp, Samples.utf8("s"), Samples.utf8(value), Headers.NONE);
  }

  @Test
  void inEventTimeARecordFromTheFutureIsADeadLetter() throws Exception {
    try (var harness = inEventTime(DecodeFunction.Kind.TOKENS)) {
      RawRecord future = at(4_102_444_800_000L, TOKEN);
      harness.processElement(future, 1);
      harness.processElement(at(NOW + 600_001, TOKEN), 1);
      harness.processElement(at(Long.MAX_VALUE, "no token either"), 1);
      harness.processElement(at(Long.MAX_VALUE, null), 1);
      harness.processElement(at(-1, TOKEN), 1);
      harness.processElement(at(NOW / 1_000, TOKEN), 1);
      assertThat(harness.extractOutputValues()).isEmpty();
      harness.processElement(at(NOW + 600_000, TOKEN), 1);
      harness.processElement(at(0, TOKEN), 1);

      assertThat(harness.extractOutputValues()).hasSize(2);
      assertThat(deadLetters(harness))
          .hasSize(6)
          .allMatch(
              letter -> letter.error().startsWith("timestamp: " + letter.origin().timestamp()))
          .first()
          .isEqualTo(
              new DeadLetter(
                  future,
                  "timestamp: 4102444800000 is 2302444800000 ms ahead of the clock, but order.ahead allows only 600000 ms; correct the clock of the producer and send the record again, or raise order.ahead"));
    }
    try (var harness = inEventTime(DecodeFunction.Kind.QUERIES)) {
      harness.processElement(at(NOW + 600_001, QUERY), 1);
      harness.processElement(at(NOW, QUERY), 1);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(deadLetters(harness)).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4_102_444_800_000L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void inArrivalOrderTimestampsDoNotMatter(long timestamp) throws Exception {
    try (var harness = harness(DecodeFunction.Kind.TOKENS)) {
      harness.processElement(at(timestamp, TOKEN), timestamp);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(deadLetters(harness)).isEmpty();
    }
  }

  @Test
  void atACheckpointTheWorkersClockIsCompared() throws Exception {
    try (var harness = inEventTime(DecodeFunction.Kind.TOKENS)) {
      harness.snapshot(1, NOW + 7_200_000);
      harness.snapshot(2, NOW - 10);

      assertThat(clockOffset(harness)).as("two hours behind").isEqualTo(-7_200_000L);
    }
  }

  /** Captures metrics, which Flink's groups show only to reporters. */
  private static Object clockOffset(OneInputStreamOperatorTestHarness<RawRecord, Event> harness)
      throws Exception {
    Object operator = ((AbstractStreamOperator<?>) harness.getOneInputOperator()).getMetricGroup();
    Field groups = AbstractMetricGroup.class.getDeclaredField("groups");
    Field metrics = AbstractMetricGroup.class.getDeclaredField("metrics");
    groups.setAccessible(true);
    metrics.setAccessible(true);
    Object onepass = ((Map<?, ?>) groups.get(operator)).get("onepass");
    return ((Gauge<?>) ((Map<?, ?>) metrics.get(onepass)).get("clockOffsetMillis")).getValue();
  }
}
