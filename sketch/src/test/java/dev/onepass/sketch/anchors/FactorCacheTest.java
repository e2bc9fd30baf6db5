// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FactorCacheTest {

  private static final int D = 3;
  private static final Kernel[] KERNELS = {
    new Kernel(2, 0, 1e-4), new Kernel(4, 0, 1e-4), new Kernel(8, 0.1, 1e-4)
  };

  private final FactorCache cache = FactorCache.ofProcess();

  /** Bytes of results other than factors that sets of other tests hold. */
  private long others;

  @BeforeEach
  void evictAllFactors() {
    cache.limit(0);
    // Sets of other tests that are unreachable must not be collected during a test.
    for (int i = 0; i < 3; i++) {
      System.gc();
      sleep(10);
    }
    others = cache.bytes();
    cache.limit(1L << 30);
  }

  @AfterEach
  void restoreTheDefaultBudget() {
    cache.limit(FactorCache.DEFAULT_LIMIT);
  }

  private static AnchorSet set(int count) {
    return set(count, Kriging::new);
  }

  private static AnchorSet set(int count, DerivedResults.Maker maker) {
    QuerySpace space = TestSets.inABall(D).space();
    float[] anchors = TestSets.ball(new Random(count), count, D, 1);
    List<Kernel> kernels = List.of(KERNELS);
    return new AnchorSet(
        1, D, null, 0, kernels, space, anchors, new DerivedResults(space, anchors, kernels, maker));
  }

  private static long bytes(int count) {
    return FactorCache.bytesOf(count, TestSets.inABall(D).space().dim());
  }

  private static Interpolation interpolation(AnchorSet set, int kernel, int count) {
    double[] known = new double[count * 2];
    Random random = new Random(9);
    Arrays.setAll(known, i -> random.nextGaussian());
    return new Interpolation(set, kernel, count, known, 2);
  }

  private static QueryBlock queries(int n) {
    return new QueryBlock(TestSets.ball(new Random(1), n, D, 1), n, D, 1);
  }

  @Test
  void manySetsKernelsAndCountsStayWithinTheBudget() {
    long budget = others + 4 * bytes(200);
    cache.limit(budget);
    long before = cache.evictions();
    List<AnchorSet> sets = List.of(set(200), set(201), set(202), set(203));
    for (int round = 0; round < 2; round++) {
      for (AnchorSet set : sets) {
        for (int kernel = 0; kernel < KERNELS.length; kernel++) {
          for (int count : new int[] {50, 100, 200}) {
            set.kriging(kernel, count);
            assertThat(cache.bytes()).isLessThanOrEqualTo(budget);
            assertThat(set.sharedBytes()).isGreaterThanOrEqualTo(bytes(count));
          }
        }
      }
    }
    assertThat(cache.evictions() - before).isGreaterThan(40);
    assertThat(cache.bytes()).isGreaterThan(others);
  }

  @Test
  void evictsTheLeastRecentlyUsedFactor() {
    AnchorSet set = set(100);
    cache.limit(others + 2 * bytes(100));
    set.kriging(0, 100);
    set.kriging(1, 100);
    Kriging kept = set.kriging(0, 100);
    WeakReference<Kriging> gone = new WeakReference<>(set.kriging(1, 100));
    set.kriging(0, 100);

    set.kriging(2, 100);

    assertThat(set.kriging(0, 100)).isSameAs(kept);
    isCollected(gone);
    assertThat(set.preparation(1, 100)).isPresent();
    assertThat(set.preparation(2, 100)).isEmpty();
  }

  @Test
  void aFactorLargerThanTheBudgetIsTheOnlyOne() {
    AnchorSet set = set(100);
    cache.limit(0);
    int before = cache.count();
    set.kriging(0, 50);
    set.kriging(1, 100);
    assertThat(cache.count()).isEqualTo(before + 1);
    assertThat(cache.bytes()).isEqualTo(others + bytes(100));
    assertThatIllegalArgumentException().isThrownBy(() -> cache.limit(-1));
  }

  @Test
  void aSmallerBudgetTakesEffectAtOnce() {
    AnchorSet set = set(100);
    set.kriging(0, 100);
    set.kriging(1, 100);
    cache.limit(others + bytes(100));
    assertThat(cache.bytes()).isEqualTo(others + bytes(100));
  }

  @Test
  void resultsGoWithTheirSet() {
    AnchorSet set = set(300);
    set.kriging(0, 300);
    set.kernelTrial(300);
    assertThat(cache.bytes()).isGreaterThan(others + bytes(300));
    WeakReference<AnchorSet> reference = new WeakReference<>(set);
    set = null;
    isCollected(reference);
    for (int i = 0; i < 100 && cache.bytes() > others; i++) {
      System.gc();
      sleep(10);
    }
    assertThat(cache.bytes()).isLessThanOrEqualTo(others);
  }

  /** An answer needs the factor only to compute weights, and must not hold it afterwards. */
  @Test
  void interpolationsDoNotHoldEvictedFactors() {
    AnchorSet set = set(200);
    Interpolation few = interpolation(set, 0, 200);
    Interpolation many = interpolation(set, 0, 200);
    double first = few.at(queries(1)).column(0, 0);
    double answer = many.at(queries(10)).column(0, 0);
    WeakReference<Kriging> factor = new WeakReference<>(set.kriging(0, 200));

    cache.limit(0);

    isCollected(factor);
    assertThat(many.preparation()).isEmpty();
    assertThat(many.at(queries(10)).column(0, 0)).isEqualTo(answer);
    assertThat(cache.bytes()).as("not computed again").isEqualTo(others);
    assertThat(few.preparation()).isPresent();
    assertThat(few.at(queries(1)).column(0, 0)).isCloseTo(first, within(2e-2));
  }

  /** Holds for any budget: otherwise, two threads that need different factors would starve. */
  @Test
  void aPreparationHoldsItsFactor() throws InterruptedException {
    AnchorSet set = set(100);
    cache.limit(0);
    Preparation one = set.preparation(0, 100).orElseThrow();
    Preparation other = set.preparation(1, 100).orElseThrow();
    assertThat(one.key()).isEqualTo(set.preparation(0, 100).orElseThrow().key());
    assertThat(one.key()).isEqualTo(set.withVersion(4).preparation(0, 100).orElseThrow().key());
    assertThat(one.key()).isNotEqualTo(other.key());
    assertThat(one.key()).isNotEqualTo(set(100).preparation(0, 100).orElseThrow().key());
    one.run();
    other.run();
    System.gc();
    assertThat(set.preparation(0, 100)).isEmpty();
    assertThat(set.preparation(1, 100)).isEmpty();
    assertThat(one.key()).isNotNull();
  }

  @Test
  void aFailureLeavesNothingBehind() {
    AtomicInteger attempts = new AtomicInteger();
    AnchorSet set =
        set(
            100,
            variogram -> {
              if (attempts.getAndIncrement() < 2) {
                throw new OutOfMemoryError("injected");
              }
              return new Kriging(variogram);
            });
    long before = set.sharedBytes();
    assertThatThrownBy(() -> set.kriging(0, 100)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> set.preparation(0, 100).orElseThrow().run())
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(cache.bytes()).isEqualTo(others);
    assertThat(set.sharedBytes()).isLessThan(before + bytes(100));

    assertThat(set.kriging(0, 100).count()).isEqualTo(100);
    assertThat(attempts).hasValue(3);
  }

  @Test
  void computesOneFactorAtATimeAndNoneTwice() throws Exception {
    AtomicInteger made = new AtomicInteger();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger mostAtOnce = new AtomicInteger();
    DerivedResults.Maker maker =
        variogram -> {
          mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          made.incrementAndGet();
          sleep(20);
          Kriging kriging = new Kriging(variogram);
          atOnce.decrementAndGet();
          return kriging;
        };
    List<AnchorSet> sets = List.of(set(60, maker), set(70, maker));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Kriging>> calls = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        int number = i;
        calls.add(() -> sets.get(number % 2).kriging(number / 2 % 3, 60));
      }
      for (Future<Kriging> result : threads.invokeAll(calls)) {
        assertThat(result.get().count()).isEqualTo(60);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(mostAtOnce).hasValue(1);
    assertThat(made).hasValue(6);
  }

  @Test
  void factoringIsInterrupted() throws Exception {
    AnchorSet set = set(2000);
    set.embeddedAnchors();
    for (long after : new long[] {1, 100, 200}) {
      long nanos = nanosFromInterruptToEnd(set.preparation(2, 2000).orElseThrow(), after);
      assertThat(nanos).isLessThan(TimeUnit.MILLISECONDS.toNanos(200));
    }
    assertThat(cache.bytes()).isEqualTo(others);
  }

  @Test
  void kernelTrialsAreInterrupted() throws Exception {
    AnchorSet set = set(800);
    for (long after : new long[] {1, 100}) {
      long nanos = nanosFromInterruptToEnd(set.foldPreparation(800), after);
      assertThat(nanos).isLessThan(TimeUnit.MILLISECONDS.toNanos(200));
      assertThat(set.isPrepared(800)).isFalse();
    }
    set.prepare(800);
    assertThat(set.isPrepared(800)).isTrue();
    assertThat(set.isPrepared(2000)).as("the first anchors tell for all").isTrue();
    assertThat(set.isPrepared(700)).isFalse();
    cache.limit(0);
    assertThat(set.isPrepared(800)).as("is not let go").isTrue();
  }

  /** Returns processor time, which does not depend on the load of the machine. */
  private static long nanosFromInterruptToEnd(Preparation work, long afterMillis)
      throws InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    CountDownLatch begun = new CountDownLatch(1);
    long[] end = {-1};
    Thread thread =
        new Thread(
            () -> {
              begun.countDown();
              try {
                work.run();
              } catch (InterruptedException e) {
                end[0] = threads.getCurrentThreadCpuTime();
              }
            });
    thread.start();
    begun.await();
    while (thread.isAlive()
        && threads.getThreadCpuTime(thread.getId()) < TimeUnit.MILLISECONDS.toNanos(afterMillis)) {
      sleep(1);
    }
    long interrupted = threads.getThreadCpuTime(thread.getId());
    thread.interrupt();
    thread.join();
    assertThat(end[0]).as("ends as interrupted").isNotNegative();
    return end[0] - interrupted;
  }

  @Test
  void waitingForATurnIsInterrupted() throws Exception {
    CountDownLatch making = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AnchorSet slow =
        set(
            50,
            variogram -> {
              making.countDown();
              await(goOn);
              return new Kriging(variogram);
            });
    Thread maker = new Thread(() -> slow.kriging(0, 50));
    maker.start();
    making.await();
    AnchorSet other = set(60);
    boolean[] stillInterrupted = {false};
    Thread waiting =
        new Thread(
            () -> {
              try {
                interpolation(other, 0, 60);
              } catch (InterruptedWorkException e) {
                stillInterrupted[0] = Thread.currentThread().isInterrupted();
              }
            });
    waiting.start();
    waiting.interrupt();
    waiting.join(10_000);
    assertThat(stillInterrupted[0]).isTrue();
    goOn.countDown();
    maker.join();
    assertThat(slow.preparation(0, 50)).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void isCollected(WeakReference<?> reference) {
    for (int i = 0; i < 200 && reference.get() != null; i++) {
      System.gc();
      sleep(10);
    }
    assertThat(reference.get()).isNull();
  }
}
