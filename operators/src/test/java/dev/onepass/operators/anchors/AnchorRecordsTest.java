// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import static dev.onepass.operators.anchors.AnchorSetSamples.set;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.sequence.RunningSequences;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.sketch.anchors.AnchorSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sends hostile records of the anchors topic. */
class AnchorRecordsTest {

  @TempDir Path directory;

  /** Returns a well-formed set of a few megabytes that would take gigabytes when it is prepared. */
  private static byte[] hostile(int keyDim, int centres, int anchors) {
    int floats = centres * (keyDim + 3) + keyDim * (keyDim + 1) + anchors * keyDim;
    ByteBuffer out = ByteBuffer.allocate(68 + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'O').put((byte) 'A').putShort((short) 2);
    out.putInt(1).putInt(keyDim).putInt(anchors).putDouble(0).putInt(1);
    out.putDouble(4).putDouble(0.1).putDouble(1e-6);
    out.putInt(1).putInt(centres).putDouble(1);
    return out.array();
  }

  private static SequenceOptions options() {
    AnchorOptions anchors = new AnchorOptions(List.of(), 3, false, 16, Duration.ofMinutes(1));
    return TestOptions.of(null, anchors, TestOptions.folding(), TestOptions.whole());
  }

  @Test
  @Timeout(60)
  void hostileSetsBecomeDeadLettersAndTheNextSetIsTaken() throws Exception {
    int d = set(1, 1).keyDim();
    try (RunningSequences running = new RunningSequences(options(), directory)) {
      running.broadcast(FOLDING, hostile(d, 1 << 16, 1 << 16));
      running.broadcast(FOLDING, hostile(d, 4096, 1 << 16));
      running.broadcast(FOLDING, set(1, 1).toByteArray());

      List<DeadLetter> letters = running.deadLetters();
      assertThat(letters).hasSize(2);
      assertThat(letters.get(0).error())
          .isEqualTo("record value: not an anchor set: centres: expected 1 to 4096, got 65536");
      assertThat(letters.get(1).error())
          .startsWith("record value: not an anchor set: 65536 anchors, 4096 centres")
          .endsWith("with fewer anchors or centres");
      assertThat(running.anchorSets()).containsExactly("folding/1");
    }
  }

  @Test
  void aSetWithATooLargeFactorBecomesADeadLetter() throws Exception {
    AnchorOptions small =
        new AnchorOptions(List.of(), 3, false, 16, Duration.ofMinutes(1), 1_000, 0);
    SequenceOptions options = TestOptions.of(null, small, TestOptions.stating());
    try (RunningSequences running = new RunningSequences(options, directory)) {
      running.broadcastUnprepared(TestOptions.STATING, set(1, 1).toByteArray());

      assertThat(running.deadLetters())
          .singleElement()
          .extracting(DeadLetter::error)
          .asString()
          .startsWith("record value: answers from this anchor set need a factor of ")
          .contains("but anchors.factor-cache is 1000");
      assertThat(running.anchorSets()).isEmpty();
    }
  }

  @Test
  void equalContentIsOneObject() {
    byte[] bytes = set(1, 1).toByteArray();
    AnchorSet one = ParsedAnchorSet.of(bytes).set();
    assertThat(ParsedAnchorSet.of(bytes.clone()).set()).isSameAs(one);
  }
}
