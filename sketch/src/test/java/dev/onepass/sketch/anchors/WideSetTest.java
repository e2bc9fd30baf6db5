// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.wide.ColumnSample;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Anchor sets with columns. */
class WideSetTest {

  private static final int DIM = 24;
  private static final int COLUMNS = 3;
  private static final int ROWS = 300;

  private static final float[] QUERIES = TestSets.normal(new Random(1), ROWS * DIM, 1);
  private static final float[] KEYS = keys();
  private static final ColumnSample SAMPLE = WideSetMaker.columns(DIM, QUERIES, KEYS, COLUMNS, 7);
  private static final AnchorSet SET = WideSetMaker.make(4, SAMPLE, QUERIES, KEYS, 16, 7);

  /** Keys that vary in every eighth coordinate, and hardly in the others. */
  private static float[] keys() {
    float[] keys = TestSets.normal(new Random(2), ROWS * DIM, 1);
    for (int e = 0; e < keys.length; e++) {
      keys[e] *= e % DIM % 8 == 5 ? 1 : 0.01f;
    }
    return keys;
  }

  @Test
  void theColumnsAreThoseThatMatter() {
    assertThat(SAMPLE.coordinates()).containsExactly(5, 13, 21);
    assertThat(SAMPLE.keptVariance()).isGreaterThan(0.99);
    assertThat(WideSetMaker.columns(DIM, QUERIES, KEYS, COLUMNS, 7)).isEqualTo(SAMPLE);
  }

  /** A key, and a query, far from all others would otherwise decide alone. */
  @Test
  void outliersDoNotChooseColumns() {
    float[] keys = KEYS.clone();
    float[] queries = QUERIES.clone();
    keys[7 * DIM + 2] = 1e20f;
    queries[9 * DIM + 3] = -1e20f;
    ColumnSample sample = WideSetMaker.columns(DIM, queries, keys, COLUMNS, 7);
    assertThat(sample.coordinates()).containsExactly(5, 13, 21);
    assertThat(sample.keptVariance()).isGreaterThan(0.99);
  }

  /** Nothing but the columns distinguishes the set from one of projected samples. */
  @Test
  void theSetIsMadeFromProjectedSamples() {
    AnchorSet plain =
        AnchorSetMaker.make(
            4, COLUMNS, SAMPLE.projectRows(QUERIES), SAMPLE.projectRows(KEYS), 16, 7);
    assertThat(SET.keyDim()).isEqualTo(COLUMNS);
    assertThat(SET.fullDim()).isEqualTo(DIM);
    assertThat(plain.fullDim()).isEqualTo(COLUMNS);
    assertThat(plain.withColumns(SAMPLE).toByteArray()).isEqualTo(SET.toByteArray());
    assertThat(plain.toByteArray()).hasSize(SET.toByteArray().length - 4 - SAMPLE.stateBytes());
    assertThat(plain.toByteArray()[2]).isEqualTo((byte) 2);
    assertThat(SET.toByteArray()[2]).isEqualTo((byte) 3);
  }

  @Test
  void readsWhatItWrote() {
    AnchorSet read = AnchorSet.fromByteArray(SET.toByteArray());
    assertThat(read.toByteArray()).isEqualTo(SET.toByteArray());
    assertThat(read.columns()).contains(SAMPLE);
    assertThat(read.withVersion(9).columns()).contains(SAMPLE);
    read.tryOut();
    byte[] file = AnchorFile.toByteArray(List.of(new AnchorFile.Entry("wide", SET)));
    assertThat(AnchorFile.fromByteArray(file).get(0).set().columns()).contains(SAMPLE);
  }

  @Test
  void refusesColumnsOfAnotherLength() {
    ColumnSample other = WideSetMaker.columns(DIM, QUERIES, KEYS, COLUMNS + 1, 7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SET.withColumns(other))
        .withMessage("Expected a projection to length 3, got length 4.");
    byte[] bytes = SET.toByteArray();
    // The set says that its keys have length 4.
    bytes[8] = 4;
    assertThatThrownBy(() -> AnchorSet.fromByteArray(bytes))
        .isInstanceOf(CorruptSketchException.class)
        .hasMessageContaining("the columns project keys to length 3, but the set is for length 4");
  }

  @Test
  void refusesTruncationsAndHostileBytesOrWorks() {
    byte[] good = SET.toByteArray();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> AnchorSet.fromByteArray(cut))
          .isInstanceOf(CorruptSketchException.class);
    }
    Random random = new Random(5);
    int worked = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = good.clone();
      bytes[random.nextInt(400)] = (byte) random.nextInt(256);
      try {
        AnchorSet read = AnchorSet.fromByteArray(bytes);
        assertThat(read.toByteArray()).isEqualTo(bytes);
        assertThat(read.columns().orElseThrow().columns()).isEqualTo(read.keyDim());
        worked++;
      } catch (CorruptSketchException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
    assertThat(worked).isBetween(300, 2_700);
  }
}
