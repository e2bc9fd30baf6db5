// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.accuracy;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.Score;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that measures the errors of sketches and of other methods at equal state sizes. */
@Command(
    name = "accuracy",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures errors relative to exact attention at equal state sizes.",
      "Compares sketches, run as the job runs them, with other methods. The anchor set of a head is",
      "made from the first 30 %% of its rows. The rows behind them are the tokens, of every method,",
      "because what a set has learned from is no test; 2 048 queries come from the last 24 %%. Prints",
      "a Markdown table of means over the seeds. A method that does not fit the size is reported on",
      "standard error and has no row. The plots show error against bytes.",
      ""
    })
public final class AccuracyCommand implements Callable<Integer> {
  private static final int QUERIES = 2_048;

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--choose",
      description = {
        "Prints one row for each sketch and size, with the errors of all heads side by side, to",
        "choose a sketch by. The CSV has the same rows."
      })
  private boolean choose;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    AccuracyReport report = new AccuracyReport();
    results.open();
    for (String name : cells.heads()) {
      Feed feed = Feed.behindAnchors(cells.head(name));
      TestSet test;
      try (ProgressBar bar = Progress.bar(name + " exact", QUERIES)) {
        test = TestSet.draw(feed, QUERIES, cells.seed(), bar::stepBy);
      }
      cells.measure(
          feed,
          (method, size, seed, progress) -> {
            Trial trial = Trial.fold(method, feed, size.bytes(), seed, progress);
            report.add(feed, method, size, Score.of(test, trial.ask(test)));
          });
      results.write(report.table(), "accuracy-" + name, report.plots(feed));
    }
    System.out.print((choose ? report.choice() : report.table()).toMarkdown());
    return 0;
  }
}
