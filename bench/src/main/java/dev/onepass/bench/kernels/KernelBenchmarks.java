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
 * What {@link KernelReport} is made of, one call after the other: of their times the median is
 * taken, which does not know what else the machine does now and then.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelBenchmarks {

  static final int PEAK_ROUNDS = 100_000;

  private static final long SEED = 7;

  /** A product of matrices. */
  @State(Scope.Thread)
  public static class Product {
    final Products products = new Products(SEED);
  }

  /** Multiply-adds in registers. */
  @State(Scope.Thread)
  public static class Peak {
    final FmaLoop loop = FmaLoop.onVectors();
  }

  /** Exponentials of an array. */
  @State(Scope.Thread)
  public static class Exp {
    final Exponentials exponentials = new Exponentials(SEED);
  }

  /** A sketch that is folded into. */
  @State(Scope.Thread)
  public static class Sketch {
    /** Family and KiB of state. */
    @Param({"hybrid-32", "hybrid-128", "cluster-32", "cluster-128"})
    public String sketch;

    Folds folds;

    /** Makes the sketch. */
    @Setup(Level.Trial)
    public void begin() {
      folds = new Folds(sketch, SEED);
    }
  }

  /** The kernel's product. */
  @Benchmark
  public float[] product(Product state) {
    return state.products.byKernel();
  }

  /** EJML's product. */
  @Benchmark
  public float[] productByEjml(Product state) {
    return state.products.byEjml();
  }

  /** The core's peak. */
  @Benchmark
  public float peak(Peak state) {
    return state.loop.run(PEAK_ROUNDS);
  }

  /** The kernel's exponentials. */
  @Benchmark
  public float[] exp(Exp state) {
    return state.exponentials.byKernel();
  }

  /** Exponentials one by one. */
  @Benchmark
  public float[] expOneByOne(Exp state) {
    return state.exponentials.oneByOne();
  }

  /** The fold of a block. */
  @Benchmark
  public void fold(Sketch state) {
    state.folds.fold();
  }
}
