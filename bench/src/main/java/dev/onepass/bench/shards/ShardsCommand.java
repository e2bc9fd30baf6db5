// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.shards;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.report.Table;
import dev.onepass.operators.sharding.ShardOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures the effect of shards on hot sequences. */
@Command(
    name = "shards",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the effect of shards on hot sequences.",
      "Computes the share of the traffic that the busiest task thread gets if the frequency of",
      "sequences follows Zipf's law (with the job's own keys; means over 20 sets of names).",
      "Measures how many tokens per second of one hot sequence are folded in one shard and in",
      "several (in a Flink process with RocksDB, without Kafka).",
      ""
    })
public final class ShardsCommand implements Callable<Integer> {
  private static final int SEQUENCES = 10_000;
  private static final int NAMINGS = 20;
  private static final List<Double> EXPONENTS = List.of(0.8, 1.0, 1.2);
  private static final List<Integer> THREADS = List.of(4, 8, 16);

  /** Number of the most frequent sequences that are sharded. */
  private static final int HOT = 32;

  @Spec private CommandSpec spec;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "2",
      description = "Shards of a hot sequence (default: ${DEFAULT-VALUE}).")
  private int shards;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "2",
      description = "Task threads of the run (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200000",
      description = {
        "Tokens of a run, of which a quarter is warm-up; 0 skips the runs",
        "(default: ${DEFAULT-VALUE})."
      })
  private long tokens;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Alternating runs of each; the ratio is that of the medians (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    if (shards < 2 || !ShardOptions.isCount(shards)) {
      throw new ParameterException(
          spec.commandLine(),
          "--shards must be a power of two from 2 to "
              + ShardOptions.MAX_COUNT
              + ", not "
              + shards);
    }
    if (parallelism < 1 || runs < 1 || tokens < 0) {
      throw new ParameterException(
          spec.commandLine(), "--parallelism and --runs must be 1 or more, --tokens 0 or more");
    }
    System.out.print(busiestTasks().toMarkdown());
    if (tokens > 0) {
      System.out.println();
      runs();
    }
    return 0;
  }

  private Table busiestTasks() {
    Table table =
        new Table("exponent", "threads", "even share", "busiest", "busiest with shards", "shards");
    for (double exponent : EXPONENTS) {
      for (int threads : THREADS) {
        BusiestTask busiest = new BusiestTask(SEQUENCES, exponent, threads);
        int count = Math.max(shards, threads);
        table.row(exponent, threads, 1.0 / threads, mean(busiest, 1), mean(busiest, count), count);
      }
    }
    return table;
  }

  private static double mean(BusiestTask busiest, int count) {
    return IntStream.range(0, NAMINGS)
        .mapToDouble(naming -> busiest.share(HOT, count, naming))
        .average()
        .orElseThrow();
  }

  private void runs() throws Exception {
    HotSequence hot = new HotSequence(parallelism, 7);
    List<HotSequence.Speed> one = new ArrayList<>();
    List<HotSequence.Speed> several = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      one.add(print(1, hot.fold(1, tokens)));
      several.add(print(shards, hot.fold(shards, tokens)));
    }
    System.out.printf(
        "RATIO shards=%d parallelism=%d d=64 state=128KiB value=%.2f by-busiest-thread=%.2f%n",
        shards,
        parallelism,
        median(several, HotSequence.Speed::tokensPerSecond)
            / median(one, HotSequence.Speed::tokensPerSecond),
        median(several, HotSequence.Speed::tokensPerBusySecond)
            / median(one, HotSequence.Speed::tokensPerBusySecond));
  }

  private static HotSequence.Speed print(int shards, HotSequence.Speed speed) {
    System.out.printf(
        "RUN shards=%d tokens/s=%.0f tokens/s-of-busiest-thread=%.0f%n",
        shards, speed.tokensPerSecond(), speed.tokensPerBusySecond());
    return speed;
  }

  private static double median(
      List<HotSequence.Speed> runs, ToDoubleFunction<HotSequence.Speed> speed) {
    return Numbers.median(runs.stream().mapToDouble(speed).toArray());
  }
}
