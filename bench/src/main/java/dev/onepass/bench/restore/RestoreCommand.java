// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.restore;

import dev.onepass.bench.cli.FlinkOptions;
import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.restore.Restore.Seconds;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures the time of checkpoints and restores. */
@Command(
    name = "restore",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the time of checkpoints and restores of a large state.",
      "Makes a full checkpoint, and an incremental checkpoint after few sequences changed. Restores",
      "from the incremental checkpoint and from a savepoint, and measures the time from the",
      "submission of the job to its first token. Sequences have 32 KiB and run in a Flink process",
      "without Kafka, with RocksDB and checkpoints on the local disk. Needs four times the state",
      "size in temporary files.",
      ""
    })
public final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--state",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      converter = StateSize.Converter.class,
      description = "Total bytes of all sequences (default: ${DEFAULT-VALUE}).")
  private StateSize state;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of the operator (default: the number of processors).")
  private int parallelism = Runtime.getRuntime().availableProcessors();

  @Mixin private FlinkOptions flink;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    if (parallelism < 1) {
      throw new ParameterException(spec.commandLine(), "--parallelism must be at least 1.");
    }
    try (Restore restore = new Restore(parallelism, MemorySize.ofMebiBytes(256), flink.options())) {
      Seconds seconds = restore.measure(state.bytes());
      Table table = new Table("what", "seconds", "MiB written");
      table.row("first checkpoint", seconds.first(), mebibytes(seconds.firstBytes()));
      table.row("incremental checkpoint", seconds.next(), mebibytes(seconds.nextBytes()));
      table.row("restore from the checkpoint", seconds.fromCheckpoint(), Double.NaN);
      table.row("stop with a savepoint", seconds.savepoint(), Double.NaN);
      table.row("restore from the savepoint", seconds.fromSavepoint(), Double.NaN);
      System.out.println(table.toMarkdown());
      System.out.printf(
          Locale.ROOT,
          "RATIO incremental state=%s sequences=%d bytes-over-first=%.3f value=%.1f%n",
          state,
          seconds.sequences(),
          (double) seconds.nextBytes() / seconds.firstBytes(),
          seconds.first() / seconds.next());
      System.out.printf(
          Locale.ROOT,
          "RATIO restore state=%s sequences=%d checkpoint=%.1fs savepoint=%.1fs MiB/s=%.0f%n",
          state,
          seconds.sequences(),
          seconds.fromCheckpoint(),
          seconds.fromSavepoint(),
          mebibytes(state.bytes()) / seconds.fromCheckpoint());
    }
    return 0;
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
