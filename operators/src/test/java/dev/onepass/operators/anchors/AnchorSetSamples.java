// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.sequence.TokenStream;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.Random;

/** Small anchor sets for tests. */
public final class AnchorSetSamples {

  private AnchorSetSamples() {}

  /** Returns a set of 16 anchors for the dimensions of {@link TokenStream}. */
  public static AnchorSet set(int version, long content) {
    return set(version, TokenStream.KEY_DIM, content);
  }

  /** Returns a set of 16 anchors; another content gives another set. */
  public static AnchorSet set(int version, int keyDim, long content) {
    return AnchorSetMaker.make(
        version, keyDim, vectors(keyDim, content), vectors(keyDim, ~content), 16, 7);
  }

  private static float[] vectors(int keyDim, long seed) {
    Random random = new Random(seed);
    float[] vectors = new float[256 * keyDim];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    return vectors;
  }
}
