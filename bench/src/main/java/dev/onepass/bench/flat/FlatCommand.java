// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.flat;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.SequenceShape;
import dev.onepass.bench.flat.FlatTimes.Point;
import dev.onepass.bench.report.Table;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures whether the cost of a token depends on the length of its sequence. */
@Command(
    name = "flat",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the cost of a token as a sequence gets longer.",
      "Feeds 10^4, 10^5 and more tokens to one hybrid sequence. Runs the library over RocksDB,",
      "writing every 1 000 tokens. Measures processor time and allocated bytes of the thread for",
      "the second half of the tokens, and afterwards the bytes of the state, of RocksDB's files and",
      "of the heap.",
      ""
    })
public final class FlatCommand implements Callable<Integer> {
  private static final double TARGET = 1.1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "Tokens of the longest sequence (default: ${DEFAULT-VALUE}).")
  private long tokens;

  @Mixin private SequenceShape shape;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    if (tokens < 10_000 || shape.dim() < 1) {
      throw new ParameterException(
          spec.commandLine(), "--tokens must be at least 10000, --dim at least 1.");
    }
    List<Point> points =
        new FlatTimes(shape.dim(), shape.stateSize().bytes(), FlatTimes.TOKENS_PER_POINT)
            .measure(tokens);
    Table table =
        new Table(
            "tokens",
            "us/token",
            "bytes allocated/token",
            "state bytes",
            "RocksDB bytes",
            "heap MiB");
    for (Point point : points) {
      table.row(
          point.tokens(),
          point.micros(),
          point.allocated(),
          point.stateBytes(),
          point.diskBytes(),
          point.heapMib());
    }
    System.out.println(table.toMarkdown());
    double least = points.stream().mapToDouble(Point::micros).min().orElseThrow();
    double most = points.stream().mapToDouble(Point::micros).max().orElseThrow();
    System.out.printf(
        Locale.ROOT,
        "RATIO flat d=%d state=%s tokens=%d most-over-least=%.2f value=%.2f target=1%n",
        shape.dim(),
        shape.stateSize(),
        tokens,
        most / least,
        TARGET / (most / least));
    return 0;
  }
}
