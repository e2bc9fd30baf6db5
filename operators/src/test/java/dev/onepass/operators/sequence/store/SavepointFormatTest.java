// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.onepass.operators.accuracy.ShadowProgress;
import dev.onepass.operators.accuracy.ShadowProgressSerializer;
import dev.onepass.operators.accuracy.ShadowStore;
import dev.onepass.operators.anchors.learner.LearnerProgress;
import dev.onepass.operators.anchors.learner.LearnerProgressSerializer;
import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.HeadCount;
import dev.onepass.operators.census.HeadCountSerializer;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.PartSerializer;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SequenceKeySerializer;
import dev.onepass.operators.sequence.SequencesOperator;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceCounts;
import dev.onepass.sketch.sequence.SequencePart;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.sketch.sequence.TokenOrigin;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/**
 * The bytes of savepoints as literals, as far as {@code FrozenBytesTest} does not pin them: parts
 * of sequences, older versions, and refusals. A change that breaks a test needs a new version byte
 * and a reader for the old version, never a new literal.
 */
class SavepointFormatTest {

  private static final RawRecord RECORD = new RawRecord("t", 2, 3, 4, null, null, Headers.NONE);

  private static final SequenceKey SEQUENCE = new SequenceKey("h", "s\u00e9", 7);

  /** With another hash, state would be restored in the wrong key groups and never found. */
  @Test
  void keysOfAnotherHashAreRefused() throws IOException {
    SequenceKeySerializer.Snapshot snapshot = new SequenceKeySerializer.Snapshot();
    DataOutputSerializer out = new DataOutputSerializer(64);
    snapshot.writeSnapshot(out);
    byte[] bytes = out.getCopyOfBuffer();
    ClassLoader loader = getClass().getClassLoader();

    snapshot.readSnapshot(snapshot.getCurrentVersion(), new DataInputDeserializer(bytes), loader);
    assertThat(snapshot.restoreSerializer()).isSameAs(SequenceKeySerializer.INSTANCE);
    assertThatIOException()
        .isThrownBy(() -> snapshot.readSnapshot(3, new DataInputDeserializer(bytes), loader))
        .withMessageContaining("start without it");
  }

  /** A header but for its version and flags, as version 3 ends. */
  private static final String NUMBERS =
      "0400 0300 0200" // key dim, value dim, family
          + "00080000 08000000" // state size, cut size
          + "06000000 c8040000" // pending, sketch bytes
          + "8100000000000000" // accepted
          + "0200000000000000" // retracted
          + "8800000000000000" // last position
          + "0300000000000000" // duplicates
          + "09000000" // anchors version
          + "40000000" // bytes kept free for queries
          + "20000000" // bytes of queries
          + "03000000 0200" // partition, its generation
          + "7700000000000000"; // since

  private static final String HEADER =
      "04" // of the header
          + "3d" // flags: positions, left exact mode, closed, incomplete, room for biases
          + NUMBERS
          + "5500000000000000" // clock
          + "0010000000000000"; // half-life

  /** Flags: positions, left exact mode, closed, incomplete. */
  private static final String HEADER_OF_VERSION_3 = "03" + "1d" + NUMBERS;

  private static final String LIFETIME =
      "01" // of the lifetime
          + "0000005544332211" // last seen
          + "0000006655443322"; // expiry timer

  @Test
  void headerAndLifetime() throws IOException {
    String bytes =
        "01" // of the serializer
            + "62" // bytes of the header
            + HEADER
            + "11" // bytes of the lifetime
            + LIFETIME;

    SequenceRecord record = read(SequenceRecordSerializer.INSTANCE, bytes);

    assertThat(record.lifetime()).isEqualTo(new Lifetime(0x5544332211L, 0x6655443322L));
    assertNumbers(record.header());
    assertThat(record.header().stateBytes()).isEqualTo(126 + 6 * 46 + 0x4c8 + 0x20);
    assertThat(record.header().clock()).isEqualTo(0x55);
    assertThat(record.header().decay()).isEqualTo(new Decay(4096, false));
    assertBytes(SequenceRecordSerializer.INSTANCE, record, bytes);
    assertThat(hex(bytes)).hasSizeLessThanOrEqualTo(StateLayout.RESERVED_BYTES);
  }

  @Test
  void aHalfLifeInTokensIsNegative() throws IOException {
    String header = HEADER.replace("0010000000000000", "00f0ffffffffffff");

    assertThat(
            read(SequenceRecordSerializer.INSTANCE, "01" + "62" + header + "11" + LIFETIME)
                .header()
                .decay())
        .isEqualTo(new Decay(4096, true));
  }

  /** A sequence that began before tokens had biases keeps its sizes and its format. */
  @Test
  void headerOfVersion3() throws IOException {
    String bytes = "01" + "52" + HEADER_OF_VERSION_3 + "11" + LIFETIME;

    SequenceRecord record = read(SequenceRecordSerializer.INSTANCE, bytes);

    assertThat(record.lifetime()).isEqualTo(new Lifetime(0x5544332211L, 0x6655443322L));
    assertNumbers(record.header());
    assertThat(record.header().stateBytes()).isEqualTo(110 + 6 * 34 + 0x4c8 + 0x20);
    assertThat(record.header().decay()).isEqualTo(Decay.NONE);
    assertBytes(SequenceRecordSerializer.INSTANCE, record, bytes);
  }

  @Test
  void aLifetimeMayGrow() throws IOException {
    String longer = "01" + "62" + HEADER + "13" + LIFETIME + "abcd";

    assertThat(read(SequenceRecordSerializer.INSTANCE, longer).lifetime())
        .isEqualTo(new Lifetime(0x5544332211L, 0x6655443322L));
  }

  @Test
  void headersAndLifetimesOfOtherVersionsAreRefused() {
    String otherHeader = "01" + "62" + "05" + HEADER.substring(2) + "11" + LIFETIME;
    assertThatExceptionOfType(CorruptSketchException.class)
        .isThrownBy(() -> read(SequenceRecordSerializer.INSTANCE, otherHeader))
        .withMessage("header version 5 is not known");
    String otherLifetime = "01" + "62" + HEADER + "11" + "02" + LIFETIME.substring(2);
    assertThatIllegalStateException()
        .isThrownBy(() -> read(SequenceRecordSerializer.INSTANCE, otherLifetime))
        .withMessageContaining("version 2 of a lifetime is not known");
  }

  private static void assertNumbers(Header header) {
    assertThat(header.isExact()).isFalse();
    assertThat(header.keyDim()).isEqualTo(4);
    assertThat(header.valueDim()).isEqualTo(3);
    assertThat(header.family()).isEqualTo(2);
    assertThat(header.layout().stateSize()).isEqualTo(2048);
    assertThat(header.layout().cutSize()).isEqualTo(8);
    assertThat(header.pending()).isEqualTo(6);
    assertThat(header.accepted()).isEqualTo(0x81);
    assertThat(header.tokens()).isEqualTo(0x7f);
    assertThat(header.lastPosition()).isEqualTo(0x88);
    assertThat(header.duplicates()).isEqualTo(3);
    assertThat(header.anchorsVersion()).isEqualTo(9);
    assertThat(header.isClosed()).isTrue();
    assertThat(header.layout().queryBytes()).isEqualTo(0x40);
    assertThat(header.queryBytes()).isEqualTo(0x20);
    assertThat(header.origin()).isEqualTo(new TokenOrigin(3, 2, 0x77));
    assertThat(header.isIncomplete()).isTrue();
  }

  @Test
  void pendingTokens() {
    String first = "01 0000803f 000000c0 0000003f"; // 1, (1, -2), (0.5)
    String second = "ff 00004040 00000000 000080bf"; // -1, (3, 0), (-1)
    TokenBlock block = new TokenBlock(2, 1, 2);
    PendingChunk.appendTo(block, hex(first + second));

    assertThat(block.count()).isEqualTo(2);
    assertThat(block.signs()).startsWith(1, -1);
    assertThat(block.keys()).startsWith(1, -2, 3, 0);
    assertThat(block.values()).startsWith(0.5f, -1);
    assertThat(PendingChunk.of(block, 0, 2)).containsExactly(hex(first + second));
    assertThat(PendingChunk.of(block, 0, 1)).containsExactly(hex(first));
    assertThat(PendingChunk.of(block, 1, 2)).containsExactly(hex(second));
  }

  @Test
  void pendingTokensWithBiasAndTime() {
    String biased = "02 000000bf 0000803f 000000c0 0000003f"; // 1, bias -0.5, (1, -2), (0.5)
    String timed =
        "fd 00000000 8877665544332211" // -1, bias 0, time
            + "00004040 00000000 000080bf"; // (3, 0), (-1)
    TokenBlock block = new TokenBlock(2, 1, 2);
    PendingChunk.appendTo(block, hex(biased + timed));

    assertThat(block.signs()).startsWith(1, -1);
    assertThat(block.biases()).startsWith(-0.5f, 0);
    assertThat(block.times()).startsWith(0, 0x1122334455667788L);
    assertThat(block.keys()).startsWith(1, -2, 3, 0);
    assertThat(block.values()).startsWith(0.5f, -1);
    assertThat(PendingChunk.of(block, 0, 2)).containsExactly(hex(biased + timed));
  }

  @Test
  void pendingBytesThatAreNoWholeTokensAreRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> PendingChunk.appendTo(new TokenBlock(2, 1, 2), new byte[14]))
        .withMessage("Expected whole pending tokens of dimensions 2, 1, got 14 bytes.");
  }

  @Test
  void kindsOfParts() throws IOException {
    assertThat(Part.Kind.values())
        .containsExactly(
            Part.Kind.ANSWER, Part.Kind.STATS, Part.Kind.REFUSAL, Part.Kind.ANSWER_WITHOUT_ROOM);
    Part part =
        new Part(
            SEQUENCE,
            RECORD,
            "q1",
            new Event.Spread(4, 256),
            3,
            32,
            true,
            Part.Kind.REFUSAL,
            hex("6e6f"));
    String bytes = written(PartSerializer.INSTANCE, part);
    assertThatIOException()
        .isThrownBy(() -> read(PartSerializer.INSTANCE, bytes.replace("01" + "02", "01" + "04")))
        .withMessage("kind 4 of a part is not known");
  }

  @Test
  void softmaxSumsOfAPart() {
    String sums =
        "0900000000000000 0800000000000000" // accepted, tokens
            + "0700000000000000 0600000000000000" // position, duplicates
            + "0500000000000000" // state bytes
            + "02" // not exact, incomplete
            + "04000000" // anchors version
            + "0100 68" // family: h
            + "01" // there are sums
            + "01000000 01000000 01" // queries, value dim, bounded
            + "000000000000f03f 0000000000000040" // max 1, den 2
            + "0000000000000840 000000000000e03f" // peak 3, beyond 0.5
            + "0000000000001040" // num 4
            + "01000000" // estimates
            + "0000000000000000 000000000000e03f 000000000000d03f" // ln den 0, errors 0.5, 0.25
            + "000000000000f03f" // output 1
            + "0000803f 00000040"; // values from 1 to 2

    String present = "0700000000000000 000000000000e83f"; // exponent 7, age 0.75
    String bytes = "03" + sums + present;

    SequencePart part = SequencePart.fromByteArray(hex(bytes));

    assertThat(part.counts())
        .isEqualTo(new SequenceCounts(9, 8, 7, 6, 5, false, 4, "h", true, false));
    assertThat(part.sums().output(0, 0)).isEqualTo(2);
    assertThat(part.exponent()).isEqualTo(7);
    assertThat(part.age()).isEqualTo(0.75);
    assertThat(part.toByteArray()).containsExactly(hex(bytes));
    assertThatExceptionOfType(CorruptSketchException.class)
        .isThrownBy(() -> SequencePart.fromByteArray(hex("04" + bytes.substring(2))));
    SequencePart version2 = SequencePart.fromByteArray(hex("02" + sums));
    assertThat(version2.counts()).isEqualTo(part.counts());
    assertThat(version2.sums().output(0, 0)).isEqualTo(2);
    assertThat(version2.exponent()).isZero();
    assertThat(version2.age()).isZero();
    String version1 = "01" + sums.replaceFirst("02", "00");
    assertThat(SequencePart.fromByteArray(hex(version1)).counts())
        .isEqualTo(new SequenceCounts(9, 8, 7, 6, 5, false, 4, "h", false, false));
  }

  @Test
  void stagesOfTheLearner() throws IOException {
    assertThat(LearnerProgress.Stage.values())
        .containsExactly(
            LearnerProgress.Stage.COLLECTS,
            LearnerProgress.Stage.MAKES,
            LearnerProgress.Stage.DONE,
            LearnerProgress.Stage.PUBLISHED);
    LearnerProgress progress =
        new LearnerProgress(
            LearnerProgress.Stage.MAKES, 64, 3, 8_192, 16_385, 1_700_000_000_000L, 5);
    String unknown =
        written(LearnerProgressSerializer.INSTANCE, progress).replaceFirst("^0101", "0104");
    assertThatIOException()
        .isThrownBy(() -> read(LearnerProgressSerializer.INSTANCE, unknown))
        .withMessage("stage 4 of the learner is not known");
  }

  @Test
  void countsOfSequencesOfVersion1() throws IOException {
    String bytes =
        "01" // of the serializer
            + "00000010 0000001f" // key groups 16 to 31
            + "0001 68" // head: h
            + "0000000000000007 0000000000000003" // sequences, exact ones
            + "0000000000012345 0000000000000002"; // state bytes, waiting queries

    assertThat(read(HeadCountSerializer.INSTANCE, bytes))
        .isEqualTo(new HeadCount(16, 31, "h", new Footprint(7, 3, 0x12345, 2, 0), null));
  }

  @Test
  void progressOfAShadow() throws IOException {
    String bytes = "01" + "0000000000000041 0000000000000002"; // accepted, retracted
    ShadowProgress progress = new ShadowProgress(0x41, 2);

    assertBytes(ShadowProgressSerializer.INSTANCE, progress, bytes);
    assertThat(read(ShadowProgressSerializer.INSTANCE, bytes)).isEqualTo(progress);
    assertThat(progress.entries()).isEqualTo(0x43);
  }

  @Test
  void names() {
    assertThat(ManagedSequenceStore.headerState().getName()).isEqualTo("header");
    assertThat(ManagedSequenceStore.pendingState().getName()).isEqualTo("pending");
    assertThat(ManagedSequenceStore.sketchState().getName()).isEqualTo("sketch");
    assertThat(ShadowStore.progressState().getName()).isEqualTo("shadow");
    assertThat(ShadowStore.tokensState().getName()).isEqualTo("shadow-tokens");
    assertThat(SequencesOperator.anchorSetsState().getName()).isEqualTo("anchor-sets");
    assertThat(WaitingEvents.eventsState().getName()).isEqualTo("waiting-events");
  }

  private static <T> void assertBytes(TypeSerializer<T> serializer, T object, String bytes)
      throws IOException {
    assertThat(written(serializer, object)).isEqualTo(bytes.replace(" ", ""));
  }

  private static <T> String written(TypeSerializer<T> serializer, T object) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(object, out);
    return HexFormat.of().formatHex(out.getCopyOfBuffer());
  }

  private static <T> T read(TypeSerializer<T> serializer, String bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(hex(bytes));
    T object = serializer.deserialize(in);
    assertThat(in.available()).isZero();
    return object;
  }

  private static byte[] hex(String bytes) {
    return HexFormat.of().parseHex(bytes.replace(" ", ""));
  }
}
