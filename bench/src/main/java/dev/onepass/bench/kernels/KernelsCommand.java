// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import dev.onepass.bench.cli.Help;
import dev.onepass.sketch.simd.Kernels;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that measures the speed of the compute kernels. */
@Command(
    name = "kernels",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the speed of the compute kernels and of a fold.",
      "Compares matrix products with EJML and with the peak of the core, and exponentials with",
      "Math.exp, all in one run. Prints a Markdown table and a RATIO line for each target. Start it",
      "with --add-modules jdk.incubator.vector; without it, it measures plain loops.",
      ""
    })
public final class KernelsCommand implements Callable<Integer> {
  @Option(
      names = "--quick",
      description = "Takes one minute instead of four and gives rough numbers.")
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
