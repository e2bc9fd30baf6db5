// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import dev.onepass.bench.cli.ClusterShape;
import dev.onepass.bench.cli.FlinkOptions;
import dev.onepass.bench.cli.Help;
import dev.onepass.bench.latency.Latency.Schedule;
import dev.onepass.bench.latency.Latency.Times;
import dev.onepass.bench.load.Cell;
import dev.onepass.bench.report.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures the latency of queries under load. */
@Command(
    name = "latency",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the latency of queries while the job is under load.",
      "Latency runs from the time when a query is due to be sent to the time when its answer is",
      "read. Uses a real broker and a real cluster inside this JVM, at-least-once, with a",
      "checkpoint every 10 s. First sends tokens as fast as the job takes them, to find the largest",
      "rate. Then sends tokens of random sequences and queries by a fixed schedule, so that delays",
      "count. A checkpoint stops the stream until the state backend has taken its snapshot, so the",
      "measurement runs once for each place where state can be (--state).",
      ""
    })
public final class LatencyCommand implements Callable<Integer> {
  private static final double TARGET_MS = 50;
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
  private static final double NINETY_NINE = 99;

  /** Two checkpoints. */
  private static final Duration SETTLING = Duration.ofSeconds(20);

  @Spec private CommandSpec spec;

  @Option(
      names = "--cell",
      paramLabel = "NAME",
      defaultValue = "protobuf",
      description = "The load, as throughput names it (default: ${DEFAULT-VALUE}).")
  private String cell;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400000",
      description =
          "Tokens sent before the job starts; raised if sequences would not leave exact mode (default: ${DEFAULT-VALUE}).")
  private long tokens;

  @Option(
      names = "--share",
      paramLabel = "X",
      defaultValue = "0.5",
      description = "Rate of tokens as a share of the largest rate (default: ${DEFAULT-VALUE}).")
  private double share;

  @Option(
      names = "--queries-per-second",
      paramLabel = "N",
      defaultValue = "200",
      description = "Queries per second, of one vector each (default: ${DEFAULT-VALUE}).")
  private int queriesPerSecond;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Measured time in seconds (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "N",
      defaultValue = "120",
      description =
          "Seconds at the largest rate before that; the first half, with more queries and checkpoints, warms up the JVM, the second half measures the rate (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(
      names = "--buffer-timeout-ms",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Maximum time that a record waits in a buffer between tasks (default: ${DEFAULT-VALUE}).")
  private int bufferTimeout;

  @Mixin private ClusterShape cluster;

  @Option(
      names = "--state",
      paramLabel = "HOME",
      split = ",",
      description =
          "Comma-separated places of the state: disk (RocksDB), changelog (RocksDB with Flink's changelog), memory (RocksDB with its files in /dev/shm), heap (hashmap) (default: all).")
  private List<StateHome> homes = List.of();

  @Mixin private FlinkOptions flink;

  @Option(
      names = "--job",
      paramLabel = "OPTION=VALUE",
      description = "An option of the job, such as state.cache-size=16MiB; can be repeated.")
  private Map<String, String> job = Map.of();

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    Cell load =
        Cell.named(cell)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "--cell: there is no load '" + cell + "'."));
    if (tokens < 1
        || queriesPerSecond < 1
        || seconds < 1
        || warmUpSeconds < 1
        || bufferTimeout < 0
        || cluster.parallelism() < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--tokens, --queries-per-second, --seconds, --warm-up-seconds and --parallelism must be at least 1, --buffer-timeout-ms at least 0.");
    }
    if (!(share > 0 && share <= 1)) {
      throw new ParameterException(spec.commandLine(), "--share must be between 0 and 1.");
    }
    Duration warmUp = Duration.ofSeconds(warmUpSeconds);
    Schedule schedule =
        new Schedule(share, queriesPerSecond, warmUp, SETTLING, Duration.ofSeconds(seconds));
    Map<StateHome, Times> measured = new EnumMap<>(StateHome.class);
    for (StateHome home : homes.isEmpty() ? List.of(StateHome.values()) : homes) {
      if (!home.isHere()) {
        System.out.println("Skipped state in memory: this machine has no /dev/shm.");
        continue;
      }
      try (Latency latency =
          new Latency(
              cluster.parallelism(),
              cluster.managedMemory(),
              Duration.ofMillis(bufferTimeout),
              home,
              flink.options(),
              job)) {
        measured.put(home, latency.measure(load, tokens, schedule));
      }
    }
    Table table = table();
    measured.forEach((home, times) -> row(table, home, times));
    System.out.println(table.toMarkdown());
    measured.forEach((home, times) -> print(load, home, times));
    return 0;
  }

  private static Table table() {
    List<String> columns = new ArrayList<>();
    columns.add("state");
    columns.add("tokens/s");
    for (double percentile : PERCENTILES) {
      columns.add("p%s ms".formatted(percentile).replace(".0", ""));
    }
    return new Table(columns.toArray(String[]::new));
  }

  private static void row(Table table, StateHome home, Times times) {
    List<Object> row = new ArrayList<>();
    row.add(home.words());
    row.add(Math.round(times.rate()));
    for (double percentile : PERCENTILES) {
      row.add(times.micros().getValueAtPercentile(percentile) / 1e3);
    }
    table.row(row.toArray());
  }

  private static void print(Cell cell, StateHome home, Times times) {
    Histogram micros = times.micros();
    System.out.printf(
        Locale.ROOT,
        "%s, %s: largest rate %.0f records/s, sent %.0f tokens/s, %d not consumed at the end; %d queries, %d answered%n",
        cell.words(),
        home.words(),
        times.largestRate(),
        times.rate(),
        times.unread(),
        times.asked(),
        times.answered());
    double p99 = micros.getValueAtPercentile(NINETY_NINE) / 1e3;
    System.out.printf(
        Locale.ROOT,
        "RATIO latency %s state=%s p50=%.1fms p99=%.1fms max=%.1fms value=%.2f target=1%n",
        cell.words(),
        home,
        micros.getValueAtPercentile(50) / 1e3,
        p99,
        micros.getMaxValue() / 1e3,
        TARGET_MS / p99);
  }
}
