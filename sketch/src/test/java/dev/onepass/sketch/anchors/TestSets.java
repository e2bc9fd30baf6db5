// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** Small anchor sets, each made once. */
public final class TestSets {

  /** Number of past queries, and of keys, that a set is made from. */
  public static final int ROWS = 300;

  /** Number of anchors of a set. */
  public static final int COUNT = 48;

  private static final Map<Integer, AnchorSet> IN_A_BALL = new ConcurrentHashMap<>();

  private TestSets() {}

  /** Returns a set without clusters, made from queries in the unit ball and from normal keys. */
  public static AnchorSet inABall(int keyDim) {
    return IN_A_BALL.computeIfAbsent(
        keyDim,
        d -> {
          Random random = new Random(d);
          float[] queries = ball(random, ROWS, d, 1);
          float[] keys = normal(random, ROWS * d, 1);
          return withClusterShare(AnchorSetMaker.make(1, d, queries, keys, COUNT, 7), 0);
        });
  }

  /** Returns the same set with another share of clusters. */
  public static AnchorSet withClusterShare(AnchorSet set, double share) {
    return new AnchorSet(
        set.version(), set.keyDim(), share, set.kernels(), set.space(), set.anchors());
  }

  /** Returns vectors that are uniformly distributed in a ball. */
  public static float[] ball(Random random, int n, int d, double radius) {
    float[] vectors = normal(random, n * d, 1);
    for (int j = 0; j < n; j++) {
      double square = 1e-30;
      for (int i = 0; i < d; i++) {
        square += vectors[j * d + i] * vectors[j * d + i];
      }
      double factor = radius * Math.pow(random.nextDouble(), 1.0 / d) / Math.sqrt(square);
      for (int i = 0; i < d; i++) {
        vectors[j * d + i] *= (float) factor;
      }
    }
    return vectors;
  }

  /** Returns normal numbers with mean 0. */
  public static float[] normal(Random random, int count, double sd) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) (sd * random.nextGaussian());
    }
    return x;
  }
}
