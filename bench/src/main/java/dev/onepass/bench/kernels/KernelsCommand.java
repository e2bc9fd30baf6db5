package dev.onepass.bench.kernels;

import dev.onepass.bench.cli.Help;
import dev.onepass.sketch.simd.Kernels;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how fast the inner loops are. */
@Command(
    name = "kernels",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures, in one run, products of matrices beside EJML and the core's own peak, exponentials",
      "beside Math.exp, and what a token costs to fold. Prints a Markdown table, and one line RATIO",
      "for each target. Start it with --add-modules jdk.incubator.vector: without it, plain loops",
      "are measured.",
      ""
    })
public final class KernelsCommand implements Callable<Integer> {
  @Option(
      names = "--quick",
      description = "Takes a minute instead of four; the numbers are for a look only.")
  private boolean quick;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    System.out.printf(
        "Kernels: %s; Java %s.%n%n", Kernels.name(), System.getProperty("java.vm.version"));
    KernelReport report;
    try {
      report = KernelReport.measure(quick);
    } catch (RunnerException e) {
      throw new IOException("a benchmark failed: " + e.getMessage(), e);
    }
    System.out.println(report.table().toMarkdown());
    report.ratios().forEach(System.out::println);
    return 0;
  }
}
