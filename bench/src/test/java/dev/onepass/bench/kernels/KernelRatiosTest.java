// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.simd.Kernels;
import org.junit.jupiter.api.Test;

/**
 * Checks that the vector kernels are used and faster than scalar code. The required ratios are far
 * below the measured ones.
 */
class KernelRatiosTest {

  private static final int ROUNDS = 100;

  private static final long WARM_UP_NANOS = 2_000_000_000L;

  @Test
  void vectorKernelsAreUsed() {
    assertThat(Kernels.name()).startsWith("vectors");
  }

  @Test
  void productsAreEqual() {
    Products products = new Products(3);
    // Sums of 256 products of normal numbers.
    assertThat(products.byKernel()).containsExactly(products.byEjml(), within(1e-3f));
  }

  @Test
  void productsTakeAtMostAThirdOfTheTimeOfEjml() {
    Products products = new Products(3);
    assertThat(ratio(products::byEjml, products::byKernel)).isGreaterThan(3);
  }

  @Test
  void exponentialsTakeAtMostHalfTheTimeOfSingleOnes() {
    Exponentials exponentials = new Exponentials(3);
    assertThat(ratio(exponentials::oneByOne, exponentials::byKernel)).isGreaterThan(2);
  }

  /**
   * Returns the ratio of the shortest times, measured in turn. Other work on the machine can only
   * make a time longer.
   */
  private static double ratio(Runnable slow, Runnable fast) {
    long warm = System.nanoTime() + WARM_UP_NANOS;
    while (System.nanoTime() < warm) {
      slow.run();
      fast.run();
    }
    double leastSlow = Double.POSITIVE_INFINITY;
    double leastFast = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      leastSlow = Math.min(leastSlow, nanos(slow));
      leastFast = Math.min(leastFast, nanos(fast));
    }
    return leastSlow / leastFast;
  }

  private static double nanos(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return System.nanoTime() - start;
  }
}
