// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.decay;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.Score;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.sequence.Decay;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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

/** The command that measures the errors of sketches with decay. */
@Command(
    name = "decay",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures the errors of sketches with decay.",
      "Feeds every token of a head to sequences whose tokens lose half of their weight with each",
      "half-life, counted in tokens, and in seconds of a stream with one token each second. Compares",
      "their answers with exact decayed attention. Anchors and queries are as in 'accuracy', with",
      "512 queries. Prints a Markdown table:",
      "  relF                 error against exact decayed attention",
      "  relF_newest          error of a sequence without decay that has only the newest 1.44",
      "                       half-lives of tokens, against exact attention over these",
      "  ratio                relF / relF_newest; empty if the shorter sequence is still exact",
      "  relF_without_decay   error of a sequence of all tokens without decay against exact decayed",
      "                       attention: the cost of ignoring that old tokens no longer matter",
      "Methods other than sketches have no decay and no row.",
      ""
    })
public final class DecayCommand implements Callable<Integer> {
  private static final int QUERIES = 512;

  @Spec private CommandSpec spec;

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--half-lives",
      paramLabel = "N",
      split = ",",
      defaultValue = "2048,8192,32768",
      description = {
        "Comma-separated half-lives in tokens; a head must have 1.44 half-lives of rows",
        "(default: ${DEFAULT-VALUE})."
      })
  private List<Integer> halfLives;

  @Mixin private Help help;

  /** A half-life with the queries, answered exactly with decay and over the newest tokens. */
  private record Aged(int halfLife, Feed newest, TestSet decayedTest, TestSet newestTest) {}

  @Override
  public Integer call() throws IOException {
    for (int halfLife : halfLives) {
      if (halfLife < 1) {
        throw new ParameterException(
            spec.commandLine(), "--half-lives must be at least 1, not " + halfLife);
      }
    }
    DecayReport report = new DecayReport();
    results.open();
    for (String name : cells.heads()) {
      measure(cells.head(name), report);
      results.write(report.table(), "decay-" + name, report.plots(name));
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private void measure(Head head, DecayReport report) {
    for (int halfLife : halfLives) {
      if (newestTokens(halfLife) > head.rows()) {
        throw new ParameterException(
            spec.commandLine(),
            "--half-lives: 1.44 half-lives of %d tokens are more than the %d rows of %s"
                .formatted(halfLife, head.rows(), head.name()));
      }
    }
    Feed feed = Feed.of(head);
    List<Aged> aged = aged(head);
    long tokens = feed.tokens();
    for (Aged some : aged) {
      tokens += 2 * feed.tokens() + some.newest().tokens();
    }
    cells.measure(
        feed,
        tokens,
        (method, size, seed, progress) -> {
          if (method instanceof Deployed sketch) {
            measure(sketch, size, seed, feed, aged, progress, report);
          }
        });
  }

  private List<Aged> aged(Head head) {
    List<Aged> aged = new ArrayList<>();
    try (ProgressBar bar = Progress.bar(head.name() + " exact", 2L * QUERIES * halfLives.size())) {
      for (int halfLife : halfLives) {
        Feed newest = Feed.newest(head, newestTokens(halfLife));
        aged.add(
            new Aged(
                halfLife,
                newest,
                TestSet.draw(Feed.decayed(head, halfLife), QUERIES, cells.seed(), bar::stepBy),
                TestSet.draw(newest, QUERIES, cells.seed(), bar::stepBy)));
      }
    }
    return aged;
  }

  /** Returns the number of tokens whose weights without decay are those of an endless stream. */
  private static int newestTokens(int halfLife) {
    return (int) Math.round(Math.min(Integer.MAX_VALUE, halfLife / Math.log(2)));
  }

  private static void measure(
      Deployed sketch,
      StateSize size,
      long seed,
      Feed feed,
      List<Aged> aged,
      LongConsumer progress,
      DecayReport report) {
    Trial whole = Trial.fold(sketch, feed, size.bytes(), seed, progress);
    // The test sets have equal queries.
    Trial.Outcome withoutDecay = whole.ask(aged.get(0).decayedTest());
    for (Aged some : aged) {
      Trial newest = Trial.fold(sketch, some.newest(), size.bytes(), seed, progress);
      double relFNewest = Score.of(some.newestTest(), newest.ask(some.newestTest())).relF();
      double relFWithoutDecay = Score.of(some.decayedTest(), withoutDecay).relF();
      for (Decay decay : decays(some.halfLife())) {
        Trial trial = Trial.fold(sketch.with(decay), feed, size.bytes(), seed, progress);
        Score score = Score.of(some.decayedTest(), trial.ask(some.decayedTest()));
        report.add(
            new DecayReport.Cell(
                feed.head().name(), sketch.name(), size, some.halfLife(), decay.byTokens()),
            new DecayReport.Run(score, relFNewest, relFWithoutDecay));
      }
    }
  }

  private static List<Decay> decays(int halfLife) {
    return List.of(
        Decay.byTokens(halfLife),
        Decay.byTime(Duration.ofMillis((long) halfLife * Deployed.TOKEN_MILLIS)));
  }
}
