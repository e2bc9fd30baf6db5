// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class KernelHalvingTest {
  private static final int N = 256;
  private final float[][] keys = new float[N][];
  private final float[][] values = new float[N][];

  @Test
  void halvesHaveNearlyEqualSums() {
    draw(1);
    for (boolean walks : new boolean[] {false, true}) {
      double balanced = 0;
      double random = 0;
      for (int seed = 0; seed < 10; seed++) {
        balanced += imbalance(kept(walks, seed));
        boolean[] any = new boolean[N];
        new Random(seed).ints(0, N).distinct().limit(N / 2).forEach(i -> any[i] = true);
        random += imbalance(any);
      }
      assertThat(balanced / random).isLessThan(walks ? 0.4 : 0.6);
    }
  }

  /** Returns |sum of exp(q.k) v over one half less the other| for queries of the kernel's size. */
  private double imbalance(boolean[] kept) {
    Random random = new Random(1);
    double squares = 0;
    for (int q = 0; q < 50; q++) {
      float[] query = normal(2, 0.7, random);
      double sum = 0;
      for (int j = 0; j < N; j++) {
        double logit = query[0] * keys[j][0] + query[1] * keys[j][1];
        sum += (kept[j] ? 1 : -1) * Math.exp(logit) * values[j][0];
      }
      squares += sum * sum;
    }
    return Math.sqrt(squares);
  }

  @Test
  void halfOfTheTokensIsKeptWhateverTheNorms() {
    for (double size : new double[] {0, 1, 1e3, 3e4}) {
      draw(size);
      for (boolean walks : new boolean[] {false, true}) {
        int count = 0;
        for (boolean is : kept(walks, 7)) {
          count += is ? 1 : 0;
        }
        assertThat(count).isEqualTo(N / 2);
      }
    }
  }

  @Test
  void pairsKeepOneTokenOfTwo() {
    draw(1);
    boolean[] kept = kept(false, 7);
    for (int i = 0; i < N; i += 2) {
      assertThat(kept[i]).isNotEqualTo(kept[i + 1]);
    }
  }

  private boolean[] kept(boolean walks, int seed) {
    return new KernelHalving(walks, 1).kept(2, keys, values, new Random(seed));
  }

  private void draw(double keySize) {
    Random random = new Random(7);
    for (int j = 0; j < N; j++) {
      keys[j] = normal(2, keySize, random);
      values[j] = normal(1, 1, random);
    }
  }

  private static float[] normal(int dim, double size, Random random) {
    float[] x = new float[dim];
    for (int i = 0; i < dim; i++) {
      x[i] = (float) (size * random.nextGaussian());
    }
    return x;
  }
}
