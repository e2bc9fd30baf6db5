// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnchorFileTest {

  private static AnchorSet set(int version, int keyDim) {
    Random random = new Random(version);
    float[] vectors = new float[256 * keyDim];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    return AnchorSetMaker.make(version, keyDim, vectors, vectors, 16, 7);
  }

  private static final List<AnchorFile.Entry> SETS =
      List.of(
          new AnchorFile.Entry("L3H9", set(1, 4)),
          new AnchorFile.Entry("L3H9", set(2, 4)),
          new AnchorFile.Entry("\u03b1/1", set(1, 7)));

  @Test
  void readsWhatItWrote() {
    List<AnchorFile.Entry> read = AnchorFile.fromByteArray(AnchorFile.toByteArray(SETS));

    assertThat(read).extracting(AnchorFile.Entry::head).containsExactly("L3H9", "L3H9", "\u03b1/1");
    for (int i = 0; i < SETS.size(); i++) {
      assertThat(read.get(i).set().toByteArray()).containsExactly(SETS.get(i).set().toByteArray());
    }
    assertThat(AnchorFile.fromByteArray(new byte[0])).isEmpty();
  }

  @Test
  void readsConcatenatedFiles() {
    byte[] first = AnchorFile.toByteArray(SETS.subList(0, 1));
    byte[] rest = AnchorFile.toByteArray(SETS.subList(1, 3));
    byte[] both = Arrays.copyOf(first, first.length + rest.length);
    System.arraycopy(rest, 0, both, first.length, rest.length);

    assertThat(both).containsExactly(AnchorFile.toByteArray(SETS));
  }

  @Test
  void refusesOtherBytes() {
    byte[] bytes = AnchorFile.toByteArray(SETS);
    for (int length = 1; length < bytes.length; length += 17) {
      byte[] cut = Arrays.copyOf(bytes, length);
      if (length != AnchorFile.toByteArray(SETS.subList(0, 1)).length) {
        assertThatExceptionOfType(CorruptSketchException.class)
            .isThrownBy(() -> AnchorFile.fromByteArray(cut));
      }
    }
    assertThatExceptionOfType(CorruptSketchException.class)
        .isThrownBy(() -> AnchorFile.fromByteArray(SETS.get(0).set().toByteArray()))
        .withMessage("set 1 of the anchor file does not begin with OF");
    bytes[2] = 9;
    assertThatExceptionOfType(CorruptSketchException.class)
        .isThrownBy(() -> AnchorFile.fromByteArray(bytes))
        .withMessage("anchor file has format 9; expected 1");
  }
}
