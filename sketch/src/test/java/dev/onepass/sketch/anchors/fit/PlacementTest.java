// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {

  private static final int N = 300;
  private static final QuerySpace SPACE = TestSets.inABall(3).space();
  private static final Kernel KERNEL = new Kernel(4, 0.1, 1e-6);

  private final Random random = new Random(12);
  private final float[] queries = TestSets.ball(random, N, 3, 2);
  private final EmbeddedQueries embedded = EmbeddedQueries.of(SPACE, queries, N, 1);

  /** Returns the mean variance that these anchors leave of all queries. */
  private double left(int[] anchors) {
    EmbeddedQueries placed =
        EmbeddedQueries.of(SPACE, Draws.rows(queries, 3, anchors), anchors.length, 1);
    Kriging kriging = new Kriging(placed, KERNEL, anchors.length);
    float[] variograms = new float[N * anchors.length];
    kriging.variograms(embedded, variograms);
    double left = 0;
    for (int q = 0; q < N; q++) {
      double[] covariances = new double[anchors.length];
      kriging.covariances(embedded, variograms, q, covariances);
      double[] weights = covariances.clone();
      kriging.solve(weights);
      double known = 0;
      for (int r = 0; r < anchors.length; r++) {
        known += covariances[r] * weights[r];
      }
      left += (1 - known) / N;
    }
    return left;
  }

  @Test
  void everyPrefixBeatsRandomAnchors() {
    int[] order = new Placement(embedded, embedded, KERNEL).order(64);
    assertThat(order).hasSize(64).doesNotHaveDuplicates();
    for (int count : new int[] {4, 16, 64}) {
      double placed = left(Arrays.copyOf(order, count));
      for (int trial = 0; trial < 10; trial++) {
        assertThat(placed).isLessThan(left(Draws.distinct(N, count, random)));
      }
    }
  }

  @Test
  void ordersCopiesLast() {
    float[] copies = new float[3 * 90];
    for (int i = 0; i < 90; i++) {
      System.arraycopy(queries, i % 30 * 3, copies, i * 3, 3);
    }
    EmbeddedQueries candidates = EmbeddedQueries.of(SPACE, copies, 90, 1);
    int[] order = new Placement(candidates, candidates, KERNEL).order(30);
    assertThat(Arrays.stream(order).map(r -> r % 30).toArray()).doesNotHaveDuplicates();
  }
}
