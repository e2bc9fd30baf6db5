// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import dev.onepass.bench.report.Table;
import dev.onepass.sketch.simd.Kernels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The results of one run of {@link KernelBenchmarks}, as a table and a line for each target. Each
 * benchmark runs in a separate JVM with the flags of this JVM.
 */
public final class KernelReport {

  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private final Table table =
      new Table("what", "median", "unit", "p10", "p90", "bytes allocated for each");
  private final List<String> ratios = new ArrayList<>();

  private KernelReport() {}

  /**
   * Measures.
   *
   * @param quick measures for seconds instead of minutes, for rough numbers
   * @throws RunnerException if a benchmark fails
   */
  public static KernelReport measure(boolean quick) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(KernelBenchmarks.class.getName() + "\\.")
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .forks(1)
            .warmupIterations(1)
            .warmupTime(TimeValue.seconds(quick ? 4 : 15))
            .measurementIterations(1)
            .measurementTime(TimeValue.seconds(quick ? 2 : 10));
    if (!onVectors()) {
      options.exclude(KernelBenchmarks.class.getName() + ".peak");
    }
    KernelReport report = new KernelReport();
    report.add(new Runner(options.build()).run());
    return report;
  }

  private static boolean onVectors() {
    return Kernels.name().startsWith("vectors");
  }

  private void add(Collection<RunResult> results) {
    double product = gigaflops("product, kernel", "product", Products.OPERATIONS, results);
    double ejml = gigaflops("product, EJML", "productByEjml", Products.OPERATIONS, results);
    double exp = nanos("exp, kernel", "exp", results);
    double oneByOne = nanos("exp, Math.exp", "expOneByOne", results);
    if (onVectors()) {
      double operations =
          (double) KernelBenchmarks.PEAK_ROUNDS * FmaLoop.onVectors().operationsPerRound();
      double peak = gigaflops("multiply-adds in registers", "peak", operations, results);
      ratio("product=kernel over=EJML", product / ejml, Kernels.name().contains("512") ? 12 : 6);
      ratio("product=kernel over=peak", product / peak, 0.6);
      ratio("exp=kernel over=Math.exp", oneByOne / exp, 10);
    }
    results.stream().filter(result -> name(result).equals("fold")).forEach(this::addFold);
  }

  private void addFold(RunResult result) {
    String sketch = result.getParams().getParam("sketch");
    int tokens = Folds.blockTokens(sketch);
    double perToken = 1e-3 / tokens;
    double micros = percentile(result, 50) * perToken;
    table.row(
        "fold, " + sketch + " KiB, blocks of " + tokens,
        micros,
        "us/token",
        percentile(result, 10) * perToken,
        percentile(result, 90) * perToken,
        allocated(result) / tokens);
    if (sketch.startsWith("hybrid")) {
      int target = sketch.equals("hybrid-32") ? 3 : 10;
      ratio("fold=" + sketch + "KiB us-per-token=" + target + " over=fold", target / micros, 1);
    }
  }

  private double gigaflops(
      String what, String benchmark, double operations, Collection<RunResult> results) {
    RunResult result = result(benchmark, results);
    double median = operations / percentile(result, 50);
    table.row(
        what,
        median,
        "GFLOP/s",
        operations / percentile(result, 90),
        operations / percentile(result, 10),
        allocated(result));
    return median;
  }

  private double nanos(String what, String benchmark, Collection<RunResult> results) {
    RunResult result = result(benchmark, results);
    double median = percentile(result, 50) / Exponentials.COUNT;
    table.row(
        what,
        median,
        "ns/number",
        percentile(result, 10) / Exponentials.COUNT,
        percentile(result, 90) / Exponentials.COUNT,
        allocated(result) / Exponentials.COUNT);
    return median;
  }

  private static double percentile(RunResult result, double percent) {
    return result.getPrimaryResult().getStatistics().getPercentile(percent);
  }

  private static double allocated(RunResult result) {
    return result.getSecondaryResults().get(ALLOCATED).getScore();
  }

  private static RunResult result(String benchmark, Collection<RunResult> results) {
    return results.stream()
        .filter(result -> name(result).equals(benchmark))
        .findFirst()
        .orElseThrow();
  }

  private static String name(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private void ratio(String what, double value, double target) {
    ratios.add(
        String.format(Locale.ROOT, "RATIO %s value=%.2f target=%s", what, value, number(target)));
  }

  private static String number(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(x);
  }

  /** Returns the results. */
  public Table table() {
    return table;
  }

  /** Returns a line for each target, with the measured value. */
  public List<String> ratios() {
    return List.copyOf(ratios);
  }
}
