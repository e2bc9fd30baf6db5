// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.onepass.operators.accuracy.ShadowProgress;
import dev.onepass.operators.accuracy.ShadowProgressSerializer;
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
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.sequence.store.Lifetime;
import dev.onepass.operators.sequence.store.SequenceRecord;
import dev.onepass.operators.sequence.store.SequenceRecordSerializer;
import dev.onepass.operators.sequence.waiting.WaitingEntry;
import dev.onepass.operators.sequence.waiting.WaitingEntrySerializer;
import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.sequence.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshotSerializationUtil;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks every serializer of records and of state. */
class SerializersTest {

  /** Treats NaN as equal to NaN. */
  private static final RecursiveComparisonConfiguration BIT_BY_BIT =
      RecursiveComparisonConfiguration.builder()
          .withEqualsForType((a, b) -> Float.compare(a, b) == 0, Float.class)
          .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
          .withStrictTypeChecking(true)
          .build();

  private static final SequenceKey KEY = new SequenceKey("head", "sequence", 3);
  private static final SequenceKey UNICODE_KEY =
      new SequenceKey("", "\u03b1 \ud83d\ude00\u0000", 0);
  private static final RawRecord FULL =
      new RawRecord(
          "attention.tokens",
          7,
          1L << 40,
          1_700_000_000_000L,
          new byte[] {1, 2},
          new byte[] {-1, 0, 1},
          new Headers(
              IntStream.range(0, 100)
                  .mapToObj(i -> new Headers.Header("name " + i % 3, new byte[i]))
                  .toList()));
  private static final RawRecord NULLS =
      new RawRecord(
          "\u00fc", 0, 0, -1, null, null, new Headers(List.of(new Headers.Header("n", null))));
  private static final RawRecord EMPTY =
      new RawRecord("", 0, 0, 0, new byte[0], new byte[0], Headers.NONE);

  private static final Event.Query QUERY =
      new Event.Query(KEY, FULL, "q", new float[] {1, -2, Float.MIN_VALUE, 4}, 2, 131_072);

  /** A serializer with an object. */
  private record Case<T>(FlowSerializer<T> serializer, T object) {
    @Override
    public String toString() {
      return serializer.getClass().getSimpleName() + ": " + object.getClass().getSimpleName();
    }
  }

  static Stream<Case<?>> objects() {
    List<Case<?>> cases = new ArrayList<>();
    for (SequenceKey key : List.of(KEY, UNICODE_KEY)) {
      cases.add(new Case<>(SequenceKeySerializer.INSTANCE, key));
    }
    float[] nothing = {};
    for (RawRecord origin : List.of(FULL, NULLS, EMPTY)) {
      cases.add(new Case<>(RawRecordSerializer.INSTANCE, origin));
      cases.add(
          new Case<>(DeadLetterSerializer.INSTANCE, new DeadLetter(origin, "key: no \u2211")));
      for (Event event :
          List.of(
              new Event.Token(KEY, origin, 17, new float[] {1.5f}, new float[] {-0f, 3}, false),
              new Event.Token(UNICODE_KEY, origin, -1, nothing, nothing, true),
              new Event.Token(KEY, origin, 17, new float[] {1.5f}, nothing, false, -80, -1),
              new Event.Token(KEY, origin, -1, nothing, new float[] {1}, true, 0, Long.MAX_VALUE),
              new Event.Token(KEY, origin, -1, nothing, new float[] {1}, true, 2, -1),
              new Event.Forget(KEY, origin),
              new Event.Query(UNICODE_KEY, origin, "", nothing, 0, 0),
              new Event.Alive(KEY, origin),
              new Event.Query(KEY, origin, "q", nothing, 1, 7, new Event.Spread(4, 1L << 40)),
              new Event.StatsQuery(KEY, origin, "s", new Event.Spread(2, 0)),
              new Event.RecoverQuery(KEY, origin, "r", 16),
              new Event.StatsQuery(KEY, origin, "s \u00e9"))) {
        cases.add(new Case<>(EventSerializer.INSTANCE, event));
      }
      for (Reply reply :
          List.of(
              new Reply.Answer(
                  KEY,
                  origin,
                  "q",
                  new float[][] {{1, 2}, {3, 4}},
                  new float[] {0, Float.NaN},
                  new double[] {-1e300, Math.PI},
                  new float[] {Float.NaN, 2},
                  new float[] {0, 1},
                  1L << 40,
                  131_072,
                  131_071,
                  "polynomial",
                  9,
                  false,
                  true,
                  true,
                  false),
              new Reply.Answer(
                  UNICODE_KEY,
                  origin,
                  "",
                  new float[0][],
                  nothing,
                  new double[0],
                  nothing,
                  null,
                  -1,
                  0,
                  -1,
                  "exact",
                  0,
                  true,
                  false,
                  false,
                  true),
              new Reply.Recovered(KEY, origin, "r", new Recovery(0, List.of())),
              new Reply.Recovered(
                  KEY,
                  origin,
                  "r",
                  new Recovery(
                      7,
                      List.of(
                          new Recovery.Column(
                              new long[] {3, 1L << 40}, new float[] {-0f, 2}, 1.5, 0.25),
                          new Recovery.Column(new long[0], nothing, 0, 0)))),
              new Reply.Stats(KEY, origin, "s", 5, 2_048, "exact", true, 2, 1, false),
              new Reply.Stats(KEY, origin, "s", 5, 2_048, "exact", false, 2, 1, true))) {
        cases.add(new Case<>(ReplySerializer.INSTANCE, reply));
      }
    }
    for (Part.Kind kind : Part.Kind.values()) {
      cases.add(
          new Case<>(
              PartSerializer.INSTANCE,
              new Part(
                  KEY,
                  FULL,
                  "q",
                  new Event.Spread(8, 1L << 40),
                  7,
                  1L << 41,
                  kind == Part.Kind.ANSWER,
                  kind,
                  new byte[] {1, 2})));
    }
    cases.add(new Case<>(EventSerializer.INSTANCE, QUERY));
    for (WaitingEntry.Reason reason : WaitingEntry.Reason.values()) {
      cases.add(
          new Case<>(
              WaitingEntrySerializer.INSTANCE, new WaitingEntry(reason, 1L << 40, 1L << 41, 513)));
    }
    cases.add(
        new Case<>(AnchorSetSerializer.INSTANCE, new StoredAnchorSet("\u03b1/1", new byte[] {1})));
    cases.add(new Case<>(AnchorSetSerializer.INSTANCE, new StoredAnchorSet("", null)));
    for (boolean query : new boolean[] {false, true}) {
      cases.add(
          new Case<>(
              SampleSerializer.INSTANCE,
              new Sample("\u03b1", query, new float[] {1, -0f}, 1L << 40)));
    }
    for (LearnerProgress.Stage stage : LearnerProgress.Stage.values()) {
      cases.add(
          new Case<>(
              LearnerProgressSerializer.INSTANCE,
              new LearnerProgress(stage, 64, 3, 1L << 40, 5, 1_700_000_000_000L, 7)));
    }
    Header header = Header.of(TestOptions.folding());
    cases.add(
        new Case<>(
            SequenceRecordSerializer.INSTANCE, new SequenceRecord(header, new Lifetime(5, 6_000))));
    cases.add(
        new Case<>(
            HeadCountSerializer.INSTANCE,
            new HeadCount(
                1,
                1023,
                "\u03b1",
                new Footprint(1L << 40, 5, 1L << 50, 0, 0),
                new TreeMap<>(Map.of(1, 1L << 40, Integer.MAX_VALUE, 2L)))));
    cases.add(
        new Case<>(ShadowProgressSerializer.INSTANCE, new ShadowProgress(1L << 40, 1L << 33)));
    return cases.stream();
  }

  /** Returns one object of each serializer. */
  static Stream<Case<?>> serializers() {
    Set<FlowSerializer<?>> seen = new HashSet<>();
    return objects().filter(c -> seen.add(c.serializer()));
  }

  @Test
  void everySerializerIsTested() throws Exception {
    Path classes =
        Path.of(FlowSerializer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      List<String> compiled =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith("Serializer.class"))
              .map(name -> name.replace(".class", ""))
              .filter(name -> !name.equals(FlowSerializer.class.getSimpleName()))
              .toList();
      assertThat(serializers().map(c -> c.serializer().getClass().getSimpleName()))
          .containsExactlyInAnyOrderElementsOf(compiled);
    }
  }

  @ParameterizedTest
  @MethodSource("objects")
  <T> void writtenObjectsAreReadBack(Case<T> c) throws Exception {
    byte[] bytes = bytes(c);

    DataInputDeserializer in = new DataInputDeserializer(bytes);
    T read = c.serializer().deserialize(in);

    assertThat(in.available()).isZero();
    assertThat(read).usingRecursiveComparison(BIT_BY_BIT).isEqualTo(c.object());
    T reused = c.serializer().deserialize(read, new DataInputDeserializer(bytes));
    assertThat(reused).usingRecursiveComparison(BIT_BY_BIT).isEqualTo(c.object());
  }

  @ParameterizedTest
  @MethodSource("objects")
  <T> void bytesAreCopiedOneObjectAtATime(Case<T> c) throws Exception {
    DataOutputSerializer two = new DataOutputSerializer(64);
    c.serializer().serialize(c.object(), two);
    c.serializer().serialize(c.object(), two);
    DataInputDeserializer in = new DataInputDeserializer(two.getCopyOfBuffer());
    DataOutputSerializer copy = new DataOutputSerializer(64);

    c.serializer().copy(in, copy);

    assertThat(copy.getCopyOfBuffer()).containsExactly(bytes(c));
    assertThat(in.available()).isEqualTo(bytes(c).length);
  }

  @ParameterizedTest
  @MethodSource("serializers")
  <T> void immutableObjectsAreTheirOwnCopies(Case<T> c) {
    T copy = c.serializer().copy(c.object());

    if (c.serializer().isImmutableType()) {
      assertThat(copy).isSameAs(c.object());
      assertThat(c.serializer().copy(c.object(), copy)).isSameAs(c.object());
    } else {
      assertThat(c.object()).isInstanceOf(SequenceRecord.class);
      assertThat(copy)
          .isNotSameAs(c.object())
          .usingRecursiveComparison(BIT_BY_BIT)
          .isEqualTo(c.object());
    }
  }

  @ParameterizedTest
  @MethodSource("serializers")
  <T> void theSnapshotIsReadBackAndFits(Case<T> c) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshotSerializationUtil.writeSerializerSnapshot(
        out, c.serializer().snapshotConfiguration());

    TypeSerializerSnapshot<T> read =
        TypeSerializerSnapshotSerializationUtil.readSerializerSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

    assertThat(read.restoreSerializer()).isEqualTo(c.serializer());
    assertThat(
            c.serializer()
                .snapshotConfiguration()
                .resolveSchemaCompatibility(read)
                .isCompatibleAsIs())
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("serializers")
  <T> void aSerializerShippedToAnotherProcessIsTheSame(Case<T> c) throws Exception {
    FlowSerializer<T> shipped = InstantiationUtil.clone(c.serializer());

    assertThat(shipped).isEqualTo(c.serializer()).hasSameHashCodeAs(c.serializer());
    assertThat(bytes(new Case<>(shipped, c.object()))).containsExactly(bytes(c));
  }

  @ParameterizedTest
  @MethodSource("serializers")
  <T> void bytesOfAnUnknownVersionAreRefused(Case<T> c) throws Exception {
    byte[] bytes = bytes(c);
    bytes[0] = 9;

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> c.serializer().deserialize(new DataInputDeserializer(bytes)))
        .withMessage(
            "%s: version 9 of the bytes is not known", c.serializer().getClass().getName());
  }

  @Test
  void unknownKindsOfEventsAndRepliesAreRefused() throws Exception {
    byte[] event = bytes(new Case<>(EventSerializer.INSTANCE, QUERY));
    event[1] = 10;
    byte[] reply =
        bytes(
            new Case<>(
                ReplySerializer.INSTANCE,
                new Reply.Stats(KEY, EMPTY, "", 0, 0, "", true, 0, 0, false)));
    reply[1] = 4;

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> EventSerializer.INSTANCE.deserialize(new DataInputDeserializer(event)))
        .withMessage("event kind 10 is not known");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ReplySerializer.INSTANCE.deserialize(new DataInputDeserializer(reply)))
        .withMessage("reply kind 4 is not known");
  }

  private static <T> byte[] bytes(Case<T> c) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    c.serializer().serialize(c.object(), out);
    return out.getCopyOfBuffer();
  }
}
