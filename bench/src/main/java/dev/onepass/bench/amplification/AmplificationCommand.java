// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.amplification;

import dev.onepass.bench.amplification.Amplification.Setup;
import dev.onepass.bench.amplification.Amplification.Written;
import dev.onepass.bench.cli.FlinkOptions;
import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Table;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures how much RocksDB writes. */
@Command(
    name = "amplification",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures bytes written for each byte of the tokens' floats.",
      "Counts bytes put into RocksDB and bytes rewritten by its compaction, by RocksDB's own",
      "counters, and bytes written by incremental checkpoints. Runs hybrid sequences with d = dv =",
      "32 in a Flink process without Kafka, with tokens for each sequence in turn, with and without",
      "the cache on the heap, for several cut sizes and state sizes. Makes a checkpoint after every",
      "--tokens-each tokens of each sequence.",
      ""
    })
public final class AmplificationCommand implements Callable<Integer> {
  private static final int KIB = 1 << 10;

  /** State size in KiB, and cut size. */
  private static final int[][] SHAPES = {
    {32, 30}, {128, 30}, {128, 61}, {128, 123}, {512, 123}, {512, 256}
  };

  private static final int[][] QUICK = {{32, 30}, {128, 123}};

  @Spec private CommandSpec spec;

  @Option(
      names = "--state",
      paramLabel = "SIZE",
      defaultValue = "32MiB",
      converter = StateSize.Converter.class,
      description = "Total bytes of all sequences (default: ${DEFAULT-VALUE}).")
  private StateSize state;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = StateSize.Converter.class,
      description =
          "Heap cache of a subtask in every second run; the others have none (default: ${DEFAULT-VALUE}).")
  private StateSize cacheSize;

  @Option(
      names = "--tokens-each",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens of each sequence between two checkpoints (default: ${DEFAULT-VALUE}).")
  private int tokensEach;

  @Option(
      names = "--checkpoints",
      paramLabel = "N",
      defaultValue = "10",
      description = "Measured checkpoints of a run (default: ${DEFAULT-VALUE}).")
  private int checkpoints;

  @Option(
      names = "--type",
      paramLabel = "NAME",
      defaultValue = "hybrid",
      description = "Sketch type (default: ${DEFAULT-VALUE}).")
  private String type;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of the operator (default: the number of processors).")
  private int parallelism = Runtime.getRuntime().availableProcessors();

  @Mixin private FlinkOptions flink;

  @Option(names = "--quick", description = "Two shapes instead of six.")
  private boolean quick;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    if (tokensEach < 1 || checkpoints < 1 || parallelism < 1) {
      throw new ParameterException(
          spec.commandLine(), "--tokens-each, --checkpoints and --parallelism must be at least 1.");
    }
    Table table =
        new Table(
            "state KiB",
            "cut size",
            "cache",
            "sequences",
            "tokens each",
            "put",
            "put by the formula",
            "compacted",
            "checkpointed");
    try (Amplification amplification =
        new Amplification(parallelism, MemorySize.ofMebiBytes(256), flink.options())) {
      for (int[] shape : quick ? QUICK : SHAPES) {
        for (String cache : List.of("0", cacheSize.text())) {
          Setup setup = setup(shape, cache.equals("0") ? 0 : cacheSize.bytes());
          Written written = amplification.measure(setup, checkpoints);
          table.row(
              shape[0],
              setup.cut(),
              cache,
              setup.sequences(),
              written.tokensEach(),
              written.put(),
              written.expected(),
              written.compacted(),
              written.checkpointed());
          System.out.printf(
              Locale.ROOT,
              "RATIO amplification state=%dKiB cut=%d cache=%s tokens-each=%.0f value=%.2f%n",
              shape[0],
              setup.cut(),
              cache,
              written.tokensEach(),
              written.put() + written.compacted());
        }
      }
    }
    System.out.println(table.toMarkdown());
    return 0;
  }

  private Setup setup(int[] shape, long cacheBytes) {
    int stateSize = shape[0] * KIB;
    int sequences = Math.max(1, state.bytes() / stateSize);
    return new Setup(type, stateSize, shape[1], cacheBytes, sequences, tokensEach);
  }
}
