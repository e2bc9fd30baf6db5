// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.anchors.AnchorSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The keys and queries of a head decide whether a set spends bytes on clusters. */
class ClusterTrialTest {

  private static final int DIM = 8;
  private static final int ROWS = 3000;

  private final Random random = new Random(3);

  private float[] gaussian(int rows, double deviation) {
    float[] x = new float[rows * DIM];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (deviation * random.nextGaussian());
    }
    return x;
  }

  private AnchorSet set(float[] queries, float[] keys) {
    return AnchorSetMaker.make(1, DIM, queries, keys, 64, 7);
  }

  @Test
  void repeatedKeysGetClusters() {
    float[] items = gaussian(12, 1);
    float[] keys = new float[ROWS * DIM];
    for (int j = 0; j < ROWS; j++) {
      System.arraycopy(items, random.nextInt(12) * DIM, keys, j * DIM, DIM);
    }

    assertThat(set(gaussian(ROWS, 1), keys).clusterShare()).isEqualTo(0.5);
  }

  @Test
  void spreadKeysWithPlanarQueriesGetNoClusters() {
    float[] queries = gaussian(ROWS, 0.6);
    for (int i = 0; i < queries.length; i++) {
      queries[i] = i % DIM < 2 ? queries[i] : 0;
    }

    assertThat(set(queries, gaussian(ROWS, 1)).clusterShare()).isZero();
  }
}
