// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.Arrays;
import java.util.Map;

/** Tokens from memory: Gaussian keys, repeated in changing order, and their head. */
public final class MemoryTokens {
  private static final int ROWS = 1 << 15;
  private static final int STEP = 7919;
  private static final long SEED = 7;

  /** More anchors than a sequence can use. */
  private static final int ANCHORS_PER_KIB = 16;

  private final int dim;
  private final float[][] keys;
  private final float[][] values;
  private final Head rows;
  private final HeadSpec head;

  /**
   * Creates tokens for a head with the name "default".
   *
   * @param family sketch family of the sequences
   * @param cutSize tokens folded at once; 0 lets the state size decide
   */
  public MemoryTokens(String family, int dim, int stateSize, int cutSize) {
    this.dim = dim;
    rows = Planted.gaussian(ROWS, dim, dim, 1, Planted.Values.SIGNAL, SEED);
    keys = split(rows.keys());
    values = split(rows.values());
    head =
        new HeadSpec(
            "default",
            dim,
            dim,
            1,
            stateSize,
            cutSize,
            SketchFamilies.byName(family).orElseThrow(),
            SEED,
            Map.of());
    head.check();
  }

  private float[][] split(float[] matrix) {
    float[][] split = new float[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      split[i] = Arrays.copyOfRange(matrix, i * dim, (i + 1) * dim);
    }
    return split;
  }

  public HeadSpec head() {
    return head;
  }

  public float[] key(long i) {
    return keys[(int) (i * STEP % ROWS)];
  }

  public float[] value(long i) {
    return values[(int) (i * STEP % ROWS)];
  }

  /** Returns query vectors, which differ from call to call. */
  public QueryBlock queries(long i, int count) {
    int from = (int) (i * STEP % (ROWS - count));
    float[] vectors = Arrays.copyOfRange(rows.queries(), from * dim, (from + count) * dim);
    return new QueryBlock(vectors, count, dim, head.scale());
  }

  /** Returns the anchor set that all sequences share. */
  public AnchorSet anchors() {
    int length = ROWS / 2 * dim;
    return AnchorSetMaker.make(
        1,
        dim,
        Arrays.copyOf(rows.queries(), length),
        Arrays.copyOf(rows.keys(), length),
        Math.max(1, (head.stateSize() >> 10) * ANCHORS_PER_KIB),
        SEED);
  }
}
