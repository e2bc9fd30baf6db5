// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CentresTest {
  private static final int DIM = 5;

  @Test
  void theNearestIsThatOfAllDistances() {
    Random random = new Random(7);
    float[] points = normal(random, 37);
    float[] vectors = normal(random, 150);
    int[] nearest = Centres.of(points, DIM).nearestToAll(vectors);
    for (int j = 0; j < 150; j++) {
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < 37; c++) {
        least = Math.min(least, squareDistance(vectors, j, points, c));
      }
      assertThat(squareDistance(vectors, j, points, nearest[j])).isLessThanOrEqualTo(least + 1e-5);
    }
  }

  @Test
  void removedPointsAreNeverTheNearest() {
    Centres centres = Centres.of(new float[] {0, 10}, 1);
    assertThat(centres.nearest(new float[] {1})).isZero();
    centres.remove(0);
    assertThat(centres.nearest(new float[] {1})).isEqualTo(1);
  }

  @Test
  void clustersOfSeparateGroupsAreTheirMeans() {
    float[] rows = {0, 1, 2, 100, 101, 102, 103};
    for (int seed = 0; seed < 20; seed++) {
      float[] means = KMeans.of(rows, 1, 2, 10, new Random(seed)).points();
      assertThat(means).containsExactlyInAnyOrder(1, 101.5f);
    }
  }

  @Test
  void fewRowsAreTheirOwnCentres() {
    assertThat(KMeans.of(new float[] {3, 5}, 1, 9, 4, new Random(7)).points())
        .containsExactlyInAnyOrder(3, 5);
  }

  private static float[] normal(Random random, int rows) {
    float[] x = new float[rows * DIM];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private static double squareDistance(float[] a, int i, float[] b, int j) {
    double sum = 0;
    for (int l = 0; l < DIM; l++) {
      sum += Math.pow(a[i * DIM + l] - b[j * DIM + l], 2);
    }
    return sum;
  }
}
