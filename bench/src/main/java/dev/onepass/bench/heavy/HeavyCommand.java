// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.heavy;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.needles.PlantedHead;
import dev.onepass.bench.needles.Planting;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.Score;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures sketches with and without heavy keys. */
@Command(
    name = "heavy",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures sketches with and without heavy keys, in the same bytes.",
      "Feeds the tokens of a head, with anchors, tokens and queries as in 'accuracy', but 512 queries.",
      "Streams:",
      "  as it is   the head",
      "  outliers   needles are planted: one row in 10 000 has its key four times as far from the",
      "             mean as usual, and one query in 100 asks for a needle. The rows that the set is",
      "             made from have needles and queries for these, so no anchor asks for a token",
      "  ordinary   needles whose keys are as far from the mean as usual",
      "  sinks      outliers, and four keys six times as far, each of them in 256 rows of the head",
      "Prints a Markdown table:",
      "  relF, relF_without      error of the 512 queries with heavy keys and without",
      "  ratio                   relF / relF_without",
      "  recall, recall_without  share of the queries that ask for a needle whose answer is off by at",
      "                          most half of the way that the exact answer moved towards the",
      "                          needle's value; the needle has at least half of their exact weight",
      "Methods other than sketches have no heavy keys and no row.",
      ""
    })
public final class HeavyCommand implements Callable<Integer> {
  private static final int QUERIES = 512;

  @Spec private CommandSpec spec;

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--shares",
      paramLabel = "X",
      split = ",",
      defaultValue = "0.1",
      description = {
        "Comma-separated shares of the state size that heavy keys may take, up to 0.5",
        "(default: ${DEFAULT-VALUE})."
      })
  private List<Double> shares;

  @Option(
      names = "--streams",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "as it is,outliers,ordinary,sinks",
      description = "Comma-separated streams (default: ${DEFAULT-VALUE}).")
  private List<String> streams;

  @Mixin private Help help;

  /** A stream with its queries. */
  private record Asked(
      Planting planting,
      PlantedHead planted,
      Feed feed,
      TestSet test,
      int[] askingRows,
      TestSet asking) {}

  @Override
  public Integer call() throws IOException {
    for (double share : shares) {
      if (!(share > 0 && share <= HeavyFamily.MOST)) {
        throw new ParameterException(
            spec.commandLine(), "--shares must be above 0 and at most 0.5, not " + share);
      }
    }
    List<Planting> plantings = plantings();
    HeavyReport report = new HeavyReport();
    results.open();
    for (String name : cells.heads()) {
      Head head = cells.head(name);
      for (Planting planting : plantings) {
        measure(asked(head, planting), report);
        results.write(report.table(), "heavy-" + name, List.of());
      }
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private List<Planting> plantings() {
    try {
      return streams.stream().map(Planting::of).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--streams: " + e.getMessage(), e);
    }
  }

  private Asked asked(Head head, Planting planting) {
    PlantedHead planted = PlantedHead.evenly(head, planting, cells.seed());
    Feed feed = Feed.behindAnchors(planted.head());
    int[] rows = planted.askingRows(TestSet.firstRow(head));
    QueryBlock vectors = planted.head().queries(rows);
    String title = "%s %s exact".formatted(head.name(), planting.label());
    try (ProgressBar bar = Progress.bar(title, (long) QUERIES + rows.length)) {
      return new Asked(
          planting,
          planted,
          feed,
          TestSet.draw(feed, QUERIES, cells.seed(), bar::stepBy),
          rows,
          TestSet.of(feed, vectors, bar::stepBy));
    }
  }

  private void measure(Asked asked, HeavyReport report) {
    cells.measure(
        asked.feed(),
        (1 + shares.size()) * asked.feed().tokens(),
        (method, size, seed, progress) -> {
          if (method instanceof Deployed sketch && sketch.family() != ExactFamily.INSTANCE) {
            measure(sketch, size, seed, asked, progress, report);
          }
        });
  }

  private void measure(
      Deployed sketch,
      StateSize size,
      long seed,
      Asked asked,
      LongConsumer progress,
      HeavyReport report) {
    Answers without = answers(sketch, size, seed, asked, progress);
    for (double share : shares) {
      Answers with = answers(sketch.withHeavyKeys(share), size, seed, asked, progress);
      report.add(
          new HeavyReport.Cell(
              asked.feed().head().name(), asked.planting().label(), sketch.name(), size, share),
          new HeavyReport.Run(
              with.score().stateBytes(),
              with.score().relF(),
              without.score().relF(),
              with.recall(),
              without.recall(),
              with.score().foldMicros(),
              without.score().foldMicros()));
    }
  }

  /** What a sequence answers. */
  private record Answers(Score score, double recall) {}

  private static Answers answers(
      Deployed sketch, StateSize size, long seed, Asked asked, LongConsumer progress) {
    Trial trial = Trial.fold(sketch, asked.feed(), size.bytes(), seed, progress);
    Score score = Score.of(asked.test(), trial.ask(asked.test()));
    if (asked.askingRows().length == 0) {
      return new Answers(score, Double.NaN);
    }
    double recall =
        asked
            .planted()
            .recall(asked.askingRows(), asked.asking(), trial.ask(asked.asking()).answered());
    return new Answers(score, recall);
  }
}
