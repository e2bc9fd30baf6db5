// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.needles;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.blocks.QueryBlock;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that measures which methods find single tokens. */
@Command(
    name = "needles",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures which methods find needles, at equal state sizes.",
      "Needles are planted at ten depths of the tokens, and one query in 100 asks for one of them.",
      "The needle then has at least half of the exact weight. The rows that methods learn from have",
      "needles and queries for these, so none learns of a needle that is a token. Streams:",
      "  outliers  the key of a needle is four times as far from the mean key as usual",
      "  ordinary  it is as far as usual, in a random direction",
      "Prints a Markdown table. recall is the share of these queries whose answer is off by at most",
      "half of the way that the exact answer moved towards the needle's value; recall_5 to recall_95",
      "are those of the needles at 5 to 95 %% of the tokens, from the oldest on. The plots show recall",
      "against the state size.",
      ""
    })
public final class NeedlesCommand implements Callable<Integer> {

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--streams",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "OUTLIERS,ORDINARY",
      description = "Comma-separated streams, of ${COMPLETION-CANDIDATES} (default: all).")
  private List<Stream> streams;

  @Mixin private Help help;

  /** The streams of this command, by the names of their plantings. */
  private enum Stream {
    OUTLIERS(Planting.OUTLIERS),
    ORDINARY(Planting.ORDINARY);

    private final Planting planting;

    Stream(Planting planting) {
      this.planting = planting;
    }
  }

  @Override
  public Integer call() throws IOException {
    NeedlesReport report = new NeedlesReport();
    results.open();
    for (String name : cells.heads()) {
      Head head = cells.head(name);
      for (Stream stream : streams) {
        measure(head, stream.planting, report);
        String title = name + " " + stream.planting.label();
        results.write(
            report.table(),
            "needles-" + title.replace(' ', '-'),
            report.plots(name, stream.planting));
      }
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private void measure(Head from, Planting planting, NeedlesReport report) {
    PlantedHead planted = PlantedHead.atDepths(from, planting, NeedlesReport.DEPTHS, cells.seed());
    Head head = planted.head();
    Feed feed = Feed.behindAnchors(head);
    int[] rows = planted.askingRows(TestSet.firstRow(head));
    QueryBlock queries = head.queries(rows);
    TestSet test;
    try (ProgressBar bar =
        Progress.bar("%s %s exact".formatted(head.name(), planting.label()), rows.length)) {
      test = TestSet.of(feed, queries, bar::stepBy);
    }
    cells.measure(
        feed,
        (method, size, seed, progress) -> {
          Trial.Outcome outcome = Trial.fold(method, feed, size.bytes(), seed, progress).ask(test);
          report.add(
              new NeedlesReport.Cell(head.name(), planting, method.name(), size),
              outcome.stateBytes(),
              planted.recalls(rows, test, outcome.answered()));
        });
  }
}
