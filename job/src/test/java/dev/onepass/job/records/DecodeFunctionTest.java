package dev.onepass.job.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.SequenceFunction;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class DecodeFunctionTest {

  private static OneInputStreamOperatorTestHarness<RawRecord, Event> harness(
      DecodeFunction.Kind kind) throws Exception {
    return Samples.harness(
        new DecodeFunction(kind, RecordFormat.JSON, Samples.heads("default", "b"), 3),
        FlowTypes.EVENT);
  }

  private static List<DeadLetter> deadLetters(
      OneInputStreamOperatorTestHarness<RawRecord, Event> harness) {
    var letters = harness.getSideOutput(SequenceFunction.DEAD_LETTERS);
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
  void badTokensAreDeadLettersAndNothingElseIsLost() throws Exception {
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
              new DeadLetter(noKey, "record key: missing; it is the sequence id"),
              new DeadLetter(badKey, "record key: not valid UTF-8"),
              new DeadLetter(badValue, "key: 1 numbers where head default has 2"),
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
}
