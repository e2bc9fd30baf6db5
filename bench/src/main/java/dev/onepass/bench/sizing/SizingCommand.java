// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.SequenceShape;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Table;
import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.sharding.ShardOptions;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that computes the resources that a workload needs. */
@Command(
    name = "sizing",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Computes the resources that the job needs for a workload.",
      "Prints cores, disk, network, checkpoints and restore time. Uses the measured costs of one",
      "token, which are options, and the number of sequences that change between two checkpoints.",
      "That number comes from the formula of docs/operations.md and from a simulation that draws",
      "every token of one subtask and passes it through the cache (the same seed gives the same",
      "numbers). Measures nothing itself.",
      ""
    })
public final class SizingCommand implements Callable<Integer> {
  private static final double GIB = 1 << 30;
  private static final double MIB = 1 << 20;

  /** Number of the most frequent sequences that are sharded. */
  private static final int HOT = 32;

  private static final double MOST_ACTIVE = 2e8;

  @Spec private CommandSpec spec;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "1e8",
      description = "Number of sequences with state (default: ${DEFAULT-VALUE}).")
  private double sequences;

  @Option(
      names = "--active",
      paramLabel = "N",
      defaultValue = "1e7",
      description = "Number of sequences that currently get tokens (default: ${DEFAULT-VALUE}).")
  private double active;

  @Option(
      names = "--exponent",
      paramLabel = "X",
      defaultValue = "0.8",
      description =
          "The i-th active sequence gets a share proportional to i^-X; 0 means equal shares (default: ${DEFAULT-VALUE}).")
  private double exponent;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "1e6",
      description = "Tokens per second (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--queries-per-second",
      paramLabel = "N",
      defaultValue = "1e4",
      description = "Query records per second (default: ${DEFAULT-VALUE}).")
  private double queriesPerSecond;

  @Mixin private SequenceShape shape;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "PROTOBUF",
      description = "Format of the records, PROTOBUF or JSON (default: ${DEFAULT-VALUE}).")
  private RecordFormat format;

  @Option(
      names = "--subtasks",
      paramLabel = "N",
      defaultValue = "128",
      description = "Parallelism of the job, at most 1024 (default: ${DEFAULT-VALUE}).")
  private int subtasks;

  @Option(
      names = "--task-managers",
      paramLabel = "N",
      defaultValue = "16",
      description = "Number of task manager processes (default: ${DEFAULT-VALUE}).")
  private int taskManagers;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = StateSize.Converter.class,
      description = "state.cache-size, for each subtask (default: ${DEFAULT-VALUE}).")
  private StateSize cacheSize;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Seconds between two checkpoints (default: ${DEFAULT-VALUE}).")
  private double interval;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "128",
      description = "Shards of each of the 32 most frequent sequences (default: ${DEFAULT-VALUE}).")
  private int shards;

  @Option(
      names = "--us-per-fold",
      paramLabel = "X",
      defaultValue = "6.4",
      description =
          "Microseconds to fold a token on one core, from 'kernels' (default: ${DEFAULT-VALUE}).")
  private double microsPerFold;

  @Option(
      names = "--us-per-record",
      paramLabel = "X",
      defaultValue = "15",
      description =
          "Other microseconds of one core per token, from 'throughput' (default: ${DEFAULT-VALUE}).")
  private double microsPerRecord;

  @Option(
      names = "--us-per-query",
      paramLabel = "X",
      defaultValue = "400",
      description =
          "Microseconds of one core per query, from 'queries' (default: ${DEFAULT-VALUE}).")
  private double microsPerQuery;

  @Option(
      names = "--rewritten",
      paramLabel = "X",
      defaultValue = "2.5",
      description =
          "Bytes that RocksDB writes for each byte put into it; an assumption, which 'amplification' can measure (default: ${DEFAULT-VALUE}).")
  private double rewritten;

  @Option(
      names = "--uploaded",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Bytes that an incremental checkpoint writes for each byte put into RocksDB, from 'amplification' (default: ${DEFAULT-VALUE}).")
  private double uploaded;

  @Option(
      names = "--restore-mib-per-second",
      paramLabel = "X",
      defaultValue = "200",
      description =
          "MiB per second that a task manager restores, from 'restore' (default: ${DEFAULT-VALUE}).")
  private double restoreMib;

  @Option(
      names = "--intervals",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Simulated checkpoint intervals, after three of warm-up (default: ${DEFAULT-VALUE}).")
  private int intervals;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of the simulation (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private Help help;

  @Override
  public Integer call() {
    check();
    SequenceBytes bytes = SequenceBytes.of(shape.dim(), shape.dim(), shape.stateSize().bytes(), 0);
    Workload load =
        new Workload(
            new Activity((long) active, exponent, tokensPerSecond),
            bytes,
            subtasks,
            cacheSize.bytes(),
            interval);
    Simulation simulation = new Simulation(load, seed);
    Traffic formula = Formula.of(load);
    Traffic drawn = simulation.run(intervals);
    Table traffic = new Table("between two checkpoints", "formula", "simulated");
    traffic.row(
        "share of active sequences that get tokens",
        formula.touched() / active,
        drawn.touched() / active);
    traffic.row(
        "share of tokens whose sequence is on the heap", formula.hitRate(), drawn.hitRate());
    traffic.row("writes of a sequence's state", formula.writes(), drawn.writes());
    traffic.row("put into RocksDB, GiB", formula.put() / GIB, drawn.put() / GIB);
    System.out.println(traffic.toMarkdown());
    WireBytes wire = WireBytes.of(format, shape.dim());
    UnitCosts costs =
        new UnitCosts(
            microsPerFold,
            microsPerRecord,
            microsPerQuery,
            wire.record(),
            wire.shuffled(),
            wire.record() / 2,
            rewritten,
            uploaded,
            restoreMib * MIB);
    System.out.println(
        table(
                Needs.of(load, formula, costs, sequences, queriesPerSecond, taskManagers),
                wire,
                simulation)
            .toMarkdown());
    System.out.printf(
        Locale.ROOT,
        "RATIO sizing formula-over-drawn touched=%.3f hits=%.3f writes=%.3f put=%.3f%n",
        formula.touched() / drawn.touched(),
        formula.hitRate() / drawn.hitRate(),
        formula.writes() / drawn.writes(),
        formula.put() / drawn.put());
    return 0;
  }

  private Table table(Needs needs, WireBytes wire, Simulation simulation) {
    double even = 1.0 / subtasks;
    Table table = new Table("resource", "unit", "needed");
    table.row("cores, always busy", "", needs.cores());
    table.row("state of all sequences", "GiB", needs.stateBytes() / GIB);
    table.row("disk of all task managers", "GiB", needs.diskBytes() / GIB);
    table.row("disk writes of RocksDB", "MiB/s", needs.diskWrite() / MIB);
    table.row("record of one token", "bytes", wire.record());
    table.row("one token between tasks", "bytes", wire.shuffled());
    table.row("from Kafka", "MiB/s", needs.kafkaIn() / MIB);
    table.row("between task managers", "MiB/s", needs.shuffle() / MIB);
    table.row("to Kafka", "MiB/s", needs.kafkaOut() / MIB);
    table.row("one incremental checkpoint", "GiB", needs.checkpointBytes() / GIB);
    table.row("upload of checkpoints", "MiB/s", needs.checkpointUpload() / MIB);
    table.row("restore", "s", needs.restoreSeconds());
    table.row("busiest subtask, relative to an even share", "", simulation.busiest(0, 1) / even);
    table.row(
        "the same, with the 32 most frequent sequences sharded",
        "",
        simulation.busiest(HOT, shards) / even);
    return table;
  }

  private void check() {
    if (!(sequences >= 1 && active >= 1 && active <= Math.min(sequences, MOST_ACTIVE))) {
      throw new ParameterException(
          spec.commandLine(), "--active must be between 1 and --sequences, and at most 2e8.");
    }
    if (!(exponent >= 0 && exponent <= 4 && tokensPerSecond > 0 && interval > 0)) {
      throw new ParameterException(
          spec.commandLine(),
          "--exponent must be between 0 and 4, --tokens-per-second and --checkpoint-seconds above 0.");
    }
    if (subtasks < 1 || subtasks > 1024 || taskManagers < 1 || intervals < 1 || shape.dim() < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--subtasks must be between 1 and 1024, --task-managers, --intervals and --dim at least 1.");
    }
    if (!ShardOptions.isCount(shards)) {
      throw new ParameterException(
          spec.commandLine(), "--shards must be a power of two up to 128.");
    }
  }
}
