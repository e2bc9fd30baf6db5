// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench;

import dev.onepass.bench.accuracy.AccuracyCommand;
import dev.onepass.bench.amplification.AmplificationCommand;
import dev.onepass.bench.calibration.CalibrationCommand;
import dev.onepass.bench.claims.ClaimsCommand;
import dev.onepass.bench.cli.Help;
import dev.onepass.bench.decay.DecayCommand;
import dev.onepass.bench.flat.FlatCommand;
import dev.onepass.bench.fleet.FleetCommand;
import dev.onepass.bench.heads.HeadsCommand;
import dev.onepass.bench.heavy.HeavyCommand;
import dev.onepass.bench.kernels.KernelsCommand;
import dev.onepass.bench.latency.LatencyCommand;
import dev.onepass.bench.needles.NeedlesCommand;
import dev.onepass.bench.queries.QueriesCommand;
import dev.onepass.bench.ranking.RankingCommand;
import dev.onepass.bench.recommender.RecommenderCommand;
import dev.onepass.bench.restore.RestoreCommand;
import dev.onepass.bench.shards.ShardsCommand;
import dev.onepass.bench.sizing.SizingCommand;
import dev.onepass.bench.stability.StabilityCommand;
import dev.onepass.bench.throughput.ThroughputCommand;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the measurements, with one subcommand for each. */
@Command(
    name = "java -jar onepass-bench.jar",
    usageHelpWidth = 100,
    description = "Measures Onepass.",
    subcommands = {
      AccuracyCommand.class,
      FleetCommand.class,
      RankingCommand.class,
      CalibrationCommand.class,
      StabilityCommand.class,
      DecayCommand.class,
      HeavyCommand.class,
      NeedlesCommand.class,
      ClaimsCommand.class,
      HeadsCommand.class,
      RecommenderCommand.class,
      ThroughputCommand.class,
      LatencyCommand.class,
      AmplificationCommand.class,
      RestoreCommand.class,
      QueriesCommand.class,
      SizingCommand.class,
      FlatCommand.class,
      ShardsCommand.class,
      KernelsCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:everything was measured", "2:a step failed; standard error says which"})
public final class Bench implements Runnable {
  /** Exit code of a measurement of which a step failed. */
  static final int IMPOSSIBLE = 2;

  @Spec private CommandSpec spec;

  @Mixin private Help help;

  private Bench() {}

  /**
   * Runs a measurement and ends the JVM with its exit code.
   *
   * @param args a subcommand and its options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    System.exit(execute(args));
  }

  /** Runs a measurement, which prints to the standard streams, and returns the exit code. */
  static int execute(String... args) {
    return new CommandLine(new Bench())
        .setParameterExceptionHandler(
            (e, arguments) -> {
              System.err.println(e.getMessage());
              return IMPOSSIBLE;
            })
        .setExecutionExceptionHandler(
            (e, command, arguments) -> {
              if (!(e instanceof IOException)) {
                throw e;
              }
              System.err.println("Not possible: " + e.getMessage() + ".");
              return IMPOSSIBLE;
            })
        .execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A subcommand is missing; see --help.");
  }
}
