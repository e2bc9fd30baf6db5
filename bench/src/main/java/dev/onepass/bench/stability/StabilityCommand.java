// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.stability;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.Score;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures errors at a fixed state size for streams of different lengths. */
@Command(
    name = "stability",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures how the error at a fixed state size changes as streams grow.",
      "A stream is the first N rows of a head, with anchors, tokens and queries as in 'accuracy': the",
      "set is made from the first 30 %% of the N rows, which are no tokens. If the head has fewer rows",
      "('heads --tokens' writes more), N tokens are drawn with replacement from its rows behind the",
      "first 30 %%; exact answers follow from how often each row was drawn. Prints a Markdown table; n",
      "is the number of tokens, ratio is relF divided by relF at the first N. The plots show relF",
      "against n.",
      ""
    })
public final class StabilityCommand implements Callable<Integer> {
  private static final int QUERIES = 256;

  @Spec private CommandSpec spec;

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      split = ",",
      defaultValue = "131072,1000000,10000000",
      description = "Comma-separated lengths N of streams (default: ${DEFAULT-VALUE}).")
  private List<Long> lengths;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    if (lengths.stream().anyMatch(length -> length < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--tokens must be at least 1, not " + lengths);
    }
    StabilityReport report = new StabilityReport();
    results.open();
    for (String name : cells.heads()) {
      Head head = cells.head(name);
      for (long length : lengths) {
        measure(feed(head, length), report);
        results.write(report.table(), "stability-" + name, report.plots(name));
      }
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private Feed feed(Head head, long length) {
    return length <= head.rows()
        ? Feed.behindAnchors(head.first((int) length))
        : Feed.drawn(head, length, cells.seed());
  }

  private void measure(Feed feed, StabilityReport report) {
    String name = feed.head().name();
    TestSet test;
    try (ProgressBar bar = Progress.bar(name + " exact", QUERIES)) {
      test = TestSet.draw(feed, QUERIES, cells.seed(), bar::stepBy);
    }
    cells.measure(
        feed,
        (method, size, seed, progress) -> {
          Trial trial = Trial.fold(method, feed, size.bytes(), seed, progress);
          report.add(
              new StabilityReport.Cell(name, method.name(), size),
              new StabilityReport.Length(feed.tokens(), feed.isDrawn()),
              Score.of(test, trial.ask(test)));
        });
  }
}
