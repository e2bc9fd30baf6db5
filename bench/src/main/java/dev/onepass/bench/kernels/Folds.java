// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.Map;
import java.util.Random;

/**
 * Folds blocks of the cut size into a sketch that is no longer exact: d = dv = {@value #DIM},
 * Gaussian keys and queries, logits of standard deviation about 1.
 */
final class Folds {

  private static final int DIM = 32;

  /** Number of different blocks, so that repeated keys do not make folds faster. */
  private static final int BLOCKS = 64;

  /** Number of past queries and keys from which anchors are made. */
  private static final int SAMPLES = 4096;

  private final TokenBlock[] blocks = new TokenBlock[BLOCKS];
  private final AttentionSketch sketch;
  private int next;

  /**
   * Creates an empty sketch.
   *
   * @param name family and state size in KiB, such as "hybrid-32"
   */
  Folds(String name, long seed) {
    Random random = new Random(seed);
    HeadSpec head = head(name, seed);
    SketchFamily family = head.family();
    for (int i = 0; i < BLOCKS; i++) {
      blocks[i] = block(random, head.layout().cutSize());
    }
    AnchorSets anchors =
        family.usesAnchors()
            ? AnchorSets.of(
                AnchorSetMaker.make(
                    1,
                    DIM,
                    queries(random),
                    Products.normal(random, SAMPLES * DIM),
                    AnchorSetMaker.DEFAULT_COUNT,
                    seed))
            : AnchorSets.NONE;
    sketch = family.begin(head.sketchConfig(head.layout()), blocks[0], anchors);
  }

  private static HeadSpec head(String name, long seed) {
    String[] parts = name.split("-");
    SketchFamily family = SketchFamilies.byName(parts[0]).orElseThrow();
    int bytes = Integer.parseInt(parts[1]) << 10;
    return new HeadSpec(name, DIM, DIM, 1, bytes, 0, family, seed, Map.of());
  }

  /** Returns the number of tokens of a block. */
  static int blockTokens(String name) {
    return head(name, 0).layout().cutSize();
  }

  private static float[] queries(Random random) {
    float[] queries = Products.normal(random, SAMPLES * DIM);
    for (int i = 0; i < queries.length; i++) {
      queries[i] /= (float) Math.sqrt(DIM);
    }
    return queries;
  }

  private static TokenBlock block(Random random, int tokens) {
    return TokenBlock.of(
        DIM,
        DIM,
        tokens,
        Products.normal(random, tokens * DIM),
        Products.normal(random, tokens * DIM));
  }

  /** Folds one block. */
  void fold() {
    sketch.update(blocks[next]);
    next = (next + 1) % BLOCKS;
  }
}
