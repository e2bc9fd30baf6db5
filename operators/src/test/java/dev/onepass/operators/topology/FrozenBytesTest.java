// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorSetSerializer;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.anchors.learner.LearnerProgress;
import dev.onepass.operators.anchors.learner.LearnerProgressSerializer;
import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.HeadCount;
import dev.onepass.operators.census.HeadCountSerializer;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.DeadLetterSerializer;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.PartSerializer;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.RawRecordSerializer;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.Sample;
import dev.onepass.operators.event.SampleSerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SequenceKeySerializer;
import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.api.Recovery;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pins the bytes of an object of each type that savepoints and unaligned checkpoints hold, as
 * literals. A changed format needs a new version byte and a reader of the old version.
 */
class FrozenBytesTest {

  private static final SequenceKey KEY = new SequenceKey("h", "s\u00e9", 7);

  /** Head, sequence, shard. */
  private static final String KEY_BYTES = "00000001 68 00000003 73c3a9 00000007";

  private static final RawRecord RECORD =
      new RawRecord(
          "t",
          2,
          3,
          4,
          new byte[] {0x6b},
          null,
          new Headers(List.of(new Headers.Header("n", new byte[] {0x76, 0x78}))));

  /** Topic, partition, offset, timestamp, key, no value, one header. */
  private static final String RECORD_BYTES =
      "00000001 74 00000002 0000000000000003 0000000000000004 00000001 6b ffffffff"
          + "00000001 00000001 6e 00000002 7678";

  private static final float[] ONE = {1};
  private static final float[] TWO = {2, 0};

  /** An object with its bytes after the version byte. */
  private record Case<T>(FlowSerializer<T> serializer, int version, T object, String bytes) {
    @Override
    public String toString() {
      return object.getClass().getName().replaceFirst(".*\\.", "") + " " + bytes.substring(0, 2);
    }
  }

  private static Case<Event> event(String kind, String rest, Event event) {
    return new Case<>(EventSerializer.INSTANCE, 1, event, kind + KEY_BYTES + RECORD_BYTES + rest);
  }

  private static Case<Reply> reply(String kind, String rest, Reply reply) {
    return new Case<>(
        ReplySerializer.INSTANCE,
        1,
        reply,
        kind + KEY_BYTES + RECORD_BYTES + "00000001 71" /* query id: q */ + rest);
  }

  static Stream<Case<?>> cases() {
    return Stream.of(events(), replies(), others()).flatMap(cases -> cases);
  }

  private static Stream<Case<?>> events() {
    String token =
        "0000000000000011" // position
            + "00000004 0000803f" // key, 4 bytes: 1
            + "00000008 00000040 00000000"; // value, 8 bytes: 2, 0
    String vectors = token.substring(16); // key and value
    String query =
        "00000001 71" // query id: q
            + "00000002" // query vectors
            + "0000000000020000" // as of
            + "00000008 00000040 00000000"; // vectors, 8 bytes: 2, 0
    String spread = "00000004 0000000000000100"; // shards, as of all shards together
    Event.Spread ofFour = new Event.Spread(4, 256);
    return Stream.of(
        event("01", token, new Event.Token(KEY, RECORD, 17, ONE, TWO, false)),
        event("02", token, new Event.Token(KEY, RECORD, 17, ONE, TWO, true)),
        event(
            "08",
            "0000000000000011 3fc00000" + vectors, // position, bias
            new Event.Token(KEY, RECORD, 17, ONE, TWO, false, 1.5f, -1)),
        event(
            "09",
            "0000000000000011 3fc00000 0000000000000012" + vectors, // position, bias, timestamp
            new Event.Token(KEY, RECORD, 17, ONE, TWO, true, 1.5f, 18)),
        event("03", "", new Event.Forget(KEY, RECORD)),
        event("04", query, new Event.Query(KEY, RECORD, "q", TWO, 2, 131_072)),
        event("84", spread + query, new Event.Query(KEY, RECORD, "q", TWO, 2, 131_072, ofFour)),
        event("05", "00000001 71", new Event.StatsQuery(KEY, RECORD, "q")),
        event("85", spread + "00000001 71", new Event.StatsQuery(KEY, RECORD, "q", ofFour)),
        event("06", "00000001 71 00000010", new Event.RecoverQuery(KEY, RECORD, "q", 16)),
        event("07", "", new Event.Alive(KEY, RECORD)));
  }

  private static Stream<Case<?>> replies() {
    return Stream.of(
        reply(
            "01",
            "00000001 00000008 00000040 00000000" // rows; 8 bytes: 2, 0
                + "00000004 0000803f" // errors: 1
                + "00000008 000000000000e03f" // log normalizers: 0.5
                + "00000004 0000003f" // errors of the log normalizers: 0.5
                + "ffffffff" // no share beyond a bound
                + "0000000000000009" // first row
                + "0000000000000081" // tokens
                + "0000000000000080" // position
                + "00000006 687962726964" // family: hybrid
                + "00000003" // version of the anchor set
                + "00" // not exact
                + "07", // timed out, queue full, incomplete
            new Reply.Answer(
                KEY,
                RECORD,
                "q",
                new float[][] {TWO},
                ONE,
                new double[] {0.5},
                new float[] {0.5f},
                null,
                9,
                129,
                128,
                "hybrid",
                3,
                false,
                true,
                true,
                true)),
        reply(
            "02",
            "0000000000000081" // tokens
                + "0000000000000800" // state bytes
                + "00000005 6578616374" // family: exact
                + "05" // exact, incomplete
                + "00000000" // version of the anchor set
                + "0000000000000002", // duplicates
            new Reply.Stats(KEY, RECORD, "q", 129, 2_048, "exact", true, 0, 2, true)),
        reply(
            "03",
            "0000000000000020" // rows
                + "00000001" // columns
                + "00000008 0500000000000000" // rows of the entries: 5
                + "00000004 0000803f" // entries: 1
                + "3ff0000000000000" // norm: 1
                + "3fe0000000000000", // tail: 0.5
            new Reply.Recovered(
                KEY,
                RECORD,
                "q",
                new Recovery(32, List.of(new Recovery.Column(new long[] {5}, ONE, 1, 0.5))))));
  }

  private static Stream<Case<?>> others() {
    return Stream.of(
        new Case<>(SequenceKeySerializer.INSTANCE, 1, KEY, KEY_BYTES),
        new Case<>(RawRecordSerializer.INSTANCE, 1, RECORD, RECORD_BYTES),
        new Case<>(
            DeadLetterSerializer.INSTANCE,
            1,
            new DeadLetter(RECORD, "no"),
            RECORD_BYTES + "00000002 6e6f"),
        new Case<>(
            PartSerializer.INSTANCE,
            1,
            new Part(
                KEY,
                RECORD,
                "q",
                new Event.Spread(4, 256),
                3,
                32,
                true,
                Part.Kind.ANSWER_WITHOUT_ROOM,
                new byte[] {1, 2}),
            KEY_BYTES
                + RECORD_BYTES
                + "00000001 71" // query id: q
                + "00000004 0000000000000100" // shards, as of all shards together
                + "00000003" // shard
                + "0000000000000020" // accepted
                + "01" // last
                + "03" // kind
                + "00000002 0102"), // content
        new Case<>(
            SampleSerializer.INSTANCE,
            1,
            new Sample("h", true, ONE, 8),
            "00000001 68" // head: h
                + "01" // a query vector
                + "00000004 0000803f" // 1
                + "0000000000000008"), // sequence
        new Case<>(
            AnchorSetSerializer.INSTANCE,
            1,
            StoredAnchorSet.of("h", 1, new byte[] {10, 11}),
            "00000003 682f31 00000002 0a0b"), // name: h/1
        new Case<>(
            LearnerProgressSerializer.INSTANCE,
            1,
            new LearnerProgress(LearnerProgress.Stage.PUBLISHED, 64, 3, 8_192, 5, 6, 7),
            "03" // stage
                + "00000040 00000003" // length of keys, version
                + "0000000000002000 0000000000000005" // query vectors, keys
                + "0000000000000006 0000000000000007"), // times
        new Case<>(
            HeadCountSerializer.INSTANCE,
            2,
            new HeadCount(
                16, 31, "h", new Footprint(7, 3, 2_048, 2, 0), new TreeMap<>(Map.of(9, 2L))),
            "00000010 0000001f" // key groups 16 to 31
                + "0001 68" // head: h
                + "0000000000000007 0000000000000003" // sequences, exact ones
                + "0000000000000800 0000000000000002" // state bytes, waiting queries
                + "00000001 00000009 0000000000000002")); // one version: 9, of two sequences
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void bytes(Case<T> c) throws IOException {
    String bytes = "%02x".formatted(c.version()) + c.bytes().replace(" ", "");

    assertThat(hex(c.serializer(), c.object()))
        .as(FrozenNamesTest.FROZEN, "the format of " + c)
        .isEqualTo(bytes);
    T read = c.serializer().deserialize(new DataInputDeserializer(HexFormat.of().parseHex(bytes)));
    assertThat(hex(c.serializer(), read)).isEqualTo(bytes);
    assertThat(read).usingRecursiveComparison().isEqualTo(c.object());
  }

  private static <T> String hex(FlowSerializer<T> serializer, T object) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(object, out);
    return HexFormat.of().formatHex(out.getCopyOfBuffer());
  }
}
