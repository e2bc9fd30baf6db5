// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The benchmarks of {@link KernelReport}. Each call is timed separately, and the report takes
 * medians, which ignore occasional other load of the machine.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelBenchmarks {

  static final int PEAK_ROUNDS = 100_000;

  private static final long SEED = 7;

  /** The state of the matrix products. */
  @State(Scope.Thread)
  public static class Product {
    final Products products = new Products(SEED);
  }

  /** The state of the multiply-adds. */
  @State(Scope.Thread)
  public static class Peak {
    final FmaLoop loop = FmaLoop.onVectors();
  }

  /** The state of the exponentials. */
  @State(Scope.Thread)
  public static class Exp {
    final Exponentials exponentials = new Exponentials(SEED);
  }

  /** The sketch of the folds. */
  @State(Scope.Thread)
  public static class Sketch {
    /** Family and state size in KiB. */
    @Param({"hybrid-32", "hybrid-128", "cluster-32", "cluster-128"})
    public String sketch;

    Folds folds;

    /** Creates the sketch. */
    @Setup(Level.Trial)
    public void begin() {
      folds = new Folds(sketch, SEED);
    }
  }

  /** Measures the product of the kernel. */
  @Benchmark
  public float[] product(Product state) {
    return state.products.byKernel();
  }

  /** Measures the product of EJML. */
  @Benchmark
  public float[] productByEjml(Product state) {
    return state.products.byEjml();
  }

  /** Measures the peak of the core. */
  @Benchmark
  public float peak(Peak state) {
    return state.loop.run(PEAK_ROUNDS);
  }

  /** Measures the exponentials of the kernel. */
  @Benchmark
  public float[] exp(Exp state) {
    return state.exponentials.byKernel();
  }

  /** Measures exponentials with Math.exp. */
  @Benchmark
  public float[] expOneByOne(Exp state) {
    return state.exponentials.oneByOne();
  }

  /** Measures the fold of a block. */
  @Benchmark
  public void fold(Sketch state) {
    state.folds.fold();
  }
}
