package dev.onepass.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.simd.Kernels;
import org.junit.jupiter.api.Test;

/** That vectors are at work: ratios within one run, far below what the measurement shows. */
class KernelRatiosTest {

  private static final int ROUNDS = 100;

  private static final long WARM_UP_NANOS = 2_000_000_000L;

  @Test
  void vectorsServe() {
    assertThat(Kernels.name()).startsWith("vectors");
  }

  @Test
  void productsAreEqual() {
    Products products = new Products(3);
    // Sums of 256 products of normal numbers.
    assertThat(products.byKernel()).containsExactly(products.byEjml(), within(1e-3f));
  }

  @Test
  void productsTakeAThirdOfTheTimeOfEjmlAtMost() {
    Products products = new Products(3);
    assertThat(ratio(products::byEjml, products::byKernel)).isGreaterThan(3);
  }

  @Test
  void exponentialsTakeHalfTheTimeOfSingleOnesAtMost() {
    Exponentials exponentials = new Exponentials(3);
    assertThat(ratio(exponentials::oneByOne, exponentials::byKernel)).isGreaterThan(2);
  }

  /** The least of several times each, taken in turn: other work on the machine only adds to one. */
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
