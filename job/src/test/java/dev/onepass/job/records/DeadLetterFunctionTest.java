// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadLetterFunctionTest {

  private static RawRecord letter(RawRecord refused, String error, int maxBytes) throws Exception {
    try (var harness =
        Samples.harness(
            new DeadLetterFunction(
                "dead",
                topic -> {
                  assertThat(topic).isEqualTo("dead");
                  return maxBytes;
                }),
            FlowTypes.RAW_RECORD)) {
      harness.processElement(new DeadLetter(refused, error), 1);
      assertThat(harness.extractOutputValues()).hasSize(1);
      return harness.extractOutputValues().get(0);
    }
  }

  /** Returns the letter's own headers, which come after those of the record. */
  private static Map<String, String> headers(RawRecord record) {
    Map<String, String> headers = new LinkedHashMap<>();
    List<Headers.Header> entries = record.headers().entries();
    String own = null;
    for (Headers.Header header : entries) {
      own = header.name().equals("headers") ? Samples.text(header.value()) : own;
    }
    for (Headers.Header header : entries.subList(Integer.parseInt(own), entries.size())) {
      assertThat(headers.put(header.name(), Samples.text(header.value()))).isNull();
    }
    return headers;
  }

  private static RawRecord record(byte[] key, byte[] value, Headers.Header... own) {
    return new RawRecord("in", 3, 42, 1_234, key, value, new Headers(List.of(own)));
  }

  @Test
  void aLetterHasTheRecordsBytesAndPlace() throws Exception {
    byte[] key = {(byte) 0xff, 0};
    byte[] value = {1, 2, 3};
    RawRecord letter =
        letter(record(key, value, Samples.header("trace", "1")), "record key: é", 1_000_000);
    assertThat(letter.topic()).isEqualTo("dead");
    assertThat(letter.key()).isEqualTo(key);
    assertThat(letter.value()).isEqualTo(value);
    assertThat(headers(letter))
        .isEqualTo(
            Map.of(
                "error",
                "record key: é",
                "topic",
                "in",
                "partition",
                "3",
                "offset",
                "42",
                "timestamp",
                "1234",
                "headers",
                "1"));
  }

  /** Includes headers with the same names as the letter's, which come last. */
  @Test
  void theRecordsOwnHeadersComeFirst() throws Exception {
    Headers.Header[] own = {
      Samples.header("b", "1"),
      Samples.header("error", "mine"),
      Samples.header("a", null),
      Samples.header("b", "2"),
      Samples.header("headers", "77"),
      Samples.header("truncated", "9"),
    };
    RawRecord letter = letter(record(new byte[1], null, own), "e", 1_000_000);

    assertThat(letter.headers().entries()).startsWith(own);
    assertThat(headers(letter))
        .containsEntry("error", "e")
        .containsEntry("headers", "6")
        .doesNotContainKeys("truncated", "headers-dropped");
  }

  @Test
  void theValueIsCutBeforeTheHeadersAreDropped() throws Exception {
    Headers.Header own = Samples.header("big", "x".repeat(5_000));
    RawRecord refused = record(Samples.utf8("key"), new byte[100_000], own);

    RawRecord cut = letter(refused, "e", 10_000);
    assertThat(cut.headers().entries()).startsWith(own);
    assertThat(RecordLimit.bytes(cut)).isBetween(9_990L, 10_000L);
    assertThat(headers(cut)).containsEntry("truncated", "100003").containsEntry("headers", "1");

    RawRecord bare = letter(refused, "e", 5_000);
    assertThat(bare.headers().entries()).doesNotContain(own);
    assertThat(RecordLimit.bytes(bare)).isBetween(4_990L, 5_000L);
    assertThat(headers(bare))
        .containsEntry("truncated", "100003")
        .containsEntry("headers", "0")
        .containsEntry("headers-dropped", "1");

    RawRecord small = letter(record(Samples.utf8("key"), new byte[9], own), "e", 2_000);
    assertThat(small.value()).hasSize(9);
    assertThat(headers(small)).containsEntry("headers-dropped", "1").doesNotContainKey("truncated");
  }

  @Test
  void lettersOfRecordsWithManyHeadersFit() throws Exception {
    Headers.Header[] many = new Headers.Header[20_000];
    Arrays.fill(many, Samples.header("", null));
    Headers.Header[] longName = {Samples.header("é".repeat(100_000), "1")};
    for (Headers.Header[] own : List.of(many, longName)) {
      for (byte[] key : new byte[][] {null, new byte[7], new byte[200_000]}) {
        for (int maxBytes : new int[] {1_500, 20_000, 250_000}) {
          RawRecord letter = letter(record(key, new byte[50_000], own), "e", maxBytes);
          assertThat(RecordLimit.bytes(letter)).isLessThanOrEqualTo(maxBytes);
          assertThat(headers(letter)).containsEntry("offset", "42");
        }
      }
      FakeTopic topic = new FakeTopic(3_000, true);
      assertThat(letters(topic, record(null, new byte[50_000], own)))
          .singleElement()
          .satisfies(
              letter -> assertThat(headers(letter)).containsKeys("keyless", "headers-dropped"));
    }
  }

  @Test
  void nullsStayNull() throws Exception {
    RawRecord letter = letter(Samples.record((byte[]) null, null), "e", 1_000_000);
    assertThat(letter.key()).isNull();
    assertThat(letter.value()).isNull();
    assertThat(headers(letter)).doesNotContainKey("truncated");
  }

  /** Returns the letters on the topic after a gate that does not know the limit. */
  private static List<RawRecord> letters(FakeTopic topic, RawRecord... refused) throws Exception {
    try (var harness =
        Samples.harness(new DeadLetterFunction("dead", topic), FlowTypes.RAW_RECORD)) {
      for (RawRecord record : refused) {
        harness.processElement(new DeadLetter(record, "e"), 1);
      }
      return harness.extractOutputValues();
    }
  }

  @Test
  void withoutAKnownLimitTheLetterIsCutUntilItFits() throws Exception {
    FakeTopic topic = new FakeTopic(20_000, false);
    RawRecord refused = Samples.record(Samples.utf8("s"), new byte[500_000]);
    List<RawRecord> letters = letters(topic, refused, refused);
    assertThat(letters)
        .hasSize(2)
        .allSatisfy(
            letter -> {
              assertThat(RecordLimit.bytes(letter)).isBetween(10_000L, 20_000L);
              assertThat(headers(letter)).containsEntry("truncated", "500001");
              assertThat(letter.key()).isEqualTo(Samples.utf8("s"));
            });
  }

  @Test
  void inACompactedTopicTheKeyOfALetterWithoutAKeyIsItsPlace() throws Exception {
    FakeTopic topic = new FakeTopic(20_000, true);
    RawRecord refused = Samples.record((byte[]) null, new byte[50_000]);
    assertThat(letters(topic, refused))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(Samples.text(letter.key())).isEqualTo("in/3/42");
              assertThat(headers(letter))
                  .containsEntry("keyless", "true")
                  .containsEntry("truncated", "50000");
              assertThat(RecordLimit.bytes(letter)).isLessThanOrEqualTo(20_000L);
            });
  }

  @Test
  void aTopicThatRefusesEverythingIsNamed() {
    RawRecord refused = Samples.record("s", "{}");
    assertThatThrownBy(() -> letters(new FakeTopic(100, false), refused))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Topic dead refuses a dead letter")
        .hasMessageContaining("raise max.message.bytes of the topic");
  }

  @Test
  void aDeliveredTrialIsNotWrittenAgain() throws Exception {
    FakeTopic topic = new FakeTopic(20_000, false);
    topic.isDelivering = true;
    assertThat(letters(topic, Samples.record("s", "{}"))).isEmpty();
  }

  @Test
  void aLetterDoesNotHaveItsRecordsTimestamp() throws Exception {
    RawRecord refused = new RawRecord("in", 3, 42, Long.MIN_VALUE, new byte[1], null, Headers.NONE);
    assertThat(letter(refused, "e", 1_000_000).timestamp()).isEqualTo(-1);
  }

  @Test
  void bytesAreCutToTheLimitExactly() throws Exception {
    byte[] value = new byte[5_000];
    new Random(4).nextBytes(value);
    RawRecord refused = Samples.record(Samples.utf8("s"), value);
    int size = (int) RecordLimit.bytes(letter(refused, "e", 1_000_000));
    assertThat(headers(letter(refused, "e", size))).doesNotContainKey("truncated");

    RawRecord cut = letter(refused, "e", size - 1);
    assertThat(headers(cut)).containsEntry("truncated", "5001").containsEntry("error", "e");
    assertThat(RecordLimit.bytes(cut)).isBetween(size - 2L, size - 1L);
    assertThat(cut.key()).isEqualTo(refused.key());
    assertThat(cut.value()).isEqualTo(Arrays.copyOf(value, cut.value().length));
  }

  @Test
  void hugeKeysAreCutAsWell() throws Exception {
    byte[] key = new byte[100_000];
    byte[] value = new byte[100_000];
    key[0] = 1;
    value[0] = 2;
    RawRecord cut = letter(Samples.record(key, value), "e", 10_000);
    assertThat(RecordLimit.bytes(cut)).isEqualTo(10_000);
    assertThat(headers(cut)).containsEntry("truncated", "200000");
    assertThat(cut.key()).startsWith(1).hasSize(2_500);
    assertThat(cut.value()).startsWith(2).hasSizeGreaterThan(6_500);
  }

  @Test
  void lettersWithLongErrorsFit() throws Exception {
    // An error that quotes the record may be as long as the record.
    String op = "é".repeat(400_000);
    RawRecord refused = Samples.record("s", "{\"op\":\"" + op + "\"}");
    String error = "op: '" + op + "' is not known; write retract or forget";
    for (int maxBytes : new int[] {1_500, 5_000, 100_000, 1 << 20}) {
      RawRecord letter = letter(refused, error, maxBytes);
      assertThat(RecordLimit.bytes(letter)).isLessThanOrEqualTo(maxBytes);
      assertThat(headers(letter).get("error")).startsWith("op: 'ééé").endsWith("é...");
      assertThat(letter.value()).isEqualTo(Arrays.copyOf(refused.value(), letter.value().length));
      RawRecord hugeKey = letter(Samples.record(new byte[1 << 20], null), error, maxBytes);
      assertThat(RecordLimit.bytes(hugeKey)).isLessThanOrEqualTo(maxBytes);
    }
  }
}
