// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.throughput;

import dev.onepass.bench.cli.ClusterShape;
import dev.onepass.bench.cli.Help;
import dev.onepass.bench.load.Cell;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.throughput.Throughput.Rates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command that measures the throughput of the job, compared with a job that only passes tokens
 * through.
 */
@Command(
    name = "throughput",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the throughput of the job relative to a baseline job.",
      "The baseline has the same source, decoding and keying. It reads and writes one number of",
      "state for each token and sends as many answers. Both run with a real broker and a real",
      "cluster with RocksDB inside this JVM, with a checkpoint every 10 s. First fills a topic;",
      "then both jobs read it to the end in turn. The measured time runs from 40 %% of the tokens",
      "to the last token, by Flink's counter of records into the keyed operator. The value is the",
      "ratio of the medians over the runs, after one warm-up run of each.",
      ""
    })
public final class ThroughputCommand implements Callable<Integer> {
  private static final int QUICK = 5;

  @Spec private CommandSpec spec;

  @Option(
      names = "--cells",
      paramLabel = "NAME",
      description =
          "Comma-separated loads: protobuf, json, large-state, d64, d128, one-sequence, short-sequences (default: all).")
  private String cells;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Tokens of a run; raised if sequences would not leave exact mode (default: ${DEFAULT-VALUE}).")
  private long tokens;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "3",
      description = "Measured runs of each job (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(names = "--quick", description = "A fifth of the tokens, and one run of each job.")
  private boolean quick;

  @Mixin private ClusterShape cluster;

  @Option(
      names = "--job",
      paramLabel = "OPTION=VALUE",
      description = "An option of the job, such as sketch.cut-size=64; can be repeated.")
  private Map<String, String> job = Map.of();

  @Option(
      names = "--rocksdb",
      description =
          "Also counts the bytes put into RocksDB and rewritten by its compaction, for each byte of a token's floats. Slows RocksDB a little, and needs runs of several checkpoints: raise --tokens.")
  private boolean rocksdb;

  @Option(names = "--csv", paramLabel = "FILE", description = "Writes the numbers as CSV.")
  private Path csv;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    List<Cell> wanted = wanted();
    if (tokens < 1 || repeats < 1 || cluster.parallelism() < 1) {
      throw new ParameterException(
          spec.commandLine(), "--tokens, --repeats and --parallelism must be at least 1.");
    }
    Table table =
        new Table(
            "cell",
            "d",
            "state_kib",
            "format",
            "sequences",
            "ratio",
            "onepass_tokens_per_s",
            "pass_through_tokens_per_s",
            "put_per_token_byte",
            "compacted_per_token_byte");
    try (Throughput throughput =
        new Throughput(cluster.parallelism(), cluster.managedMemory(), rocksdb, job)) {
      for (Cell cell : wanted) {
        Rates rates =
            throughput.measure(cell, quick ? tokens / QUICK : tokens, quick ? 1 : repeats);
        System.out.println(
            "RATIO %s value=%s"
                .formatted(cell.words(), String.format(Locale.ROOT, "%.2f", rates.ratio())));
        table.row(
            cell.name(),
            cell.dim(),
            cell.stateKib(),
            cell.format().toString(),
            cell.sequences(),
            rates.ratio(),
            Rates.median(rates.onepass()),
            Rates.median(rates.passThrough()),
            perTokenByte(rates.put(), rates, cell),
            perTokenByte(rates.compacted(), rates, cell));
        if (csv != null) {
          Files.writeString(csv, table.toCsv(), StandardCharsets.UTF_8);
        }
      }
    }
    System.err.print(table.toMarkdown());
    return 0;
  }

  private double perTokenByte(long bytes, Rates rates, Cell cell) {
    return rocksdb ? bytes / (8.0 * cell.dim() * rates.tokens()) : Double.NaN;
  }

  private List<Cell> wanted() {
    if (cells == null) {
      return Cell.ALL;
    }
    List<String> names = Arrays.asList(cells.split(",", -1));
    String known = Cell.ALL.stream().map(Cell::name).collect(Collectors.joining(", "));
    return names.stream()
        .map(
            name ->
                Cell.named(name)
                    .orElseThrow(
                        () ->
                            new ParameterException(
                                spec.commandLine(),
                                "--cells: '%s' is not one of %s.".formatted(name, known))))
        .toList();
  }
}
