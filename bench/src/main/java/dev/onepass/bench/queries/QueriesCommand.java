// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.queries;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.SequenceShape;
import dev.onepass.bench.report.Table;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures the cost of a query over a sketch and over a history. */
@Command(
    name = "queries",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the cost of a query over a sketch and over a history.",
      "The sketch is read as the job reads it: header, pending block and sketch from RocksDB. The",
      "history lies in the same RocksDB in parts of 256 tokens and is answered by exact attention.",
      "Alternates 20 queries over the sketch with one over the history, of one vector each, and",
      "takes medians of processor time; RocksDB's cache holds everything. Also measures many",
      "candidate vectors over a sketch that is already in memory, on one thread.",
      ""
    })
public final class QueriesCommand implements Callable<Integer> {
  private static final double RATIO_TARGET = 100;
  private static final double CANDIDATES_TARGET_MS = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Tokens of the sequence (default: ${DEFAULT-VALUE}).")
  private long tokens;

  @Mixin private SequenceShape shape;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Vectors of a query with many candidates (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "300",
      description = "Measured queries of each kind (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    if (tokens < 1 || shape.dim() < 1 || candidates < 1 || candidates > 10_000 || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--tokens, --dim, --candidates and --rounds must be at least 1, --candidates at most 10000.");
    }
    try (QueryTimes times = new QueryTimes(shape.dim(), shape.stateSize().bytes(), tokens)) {
      QueryTimes.Micros micros = times.measure(rounds, candidates);
      Table table = new Table("query", "median us");
      table.row("1 vector, sketch of " + shape.stateSize() + " from RocksDB", micros.sketch());
      table.row("1 vector, history of " + tokens + " tokens from RocksDB", micros.exact());
      table.row(candidates + " vectors, sketch on the heap", micros.candidates());
      System.out.println(table.toMarkdown());
      System.out.printf(
          Locale.ROOT,
          "RATIO query=sketch over=exact d=%d state=%s tokens=%d value=%.1f target=%.0f%n",
          shape.dim(),
          shape.stateSize(),
          tokens,
          micros.exact() / micros.sketch(),
          RATIO_TARGET);
      System.out.printf(
          Locale.ROOT,
          "RATIO candidates=%d d=%d state=%s ms=%.2f value=%.2f target=1%n",
          candidates,
          shape.dim(),
          shape.stateSize(),
          micros.candidates() / 1e3,
          CANDIDATES_TARGET_MS * 1e3 / micros.candidates());
    }
    return 0;
  }
}
