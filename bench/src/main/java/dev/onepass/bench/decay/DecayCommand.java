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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
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
      "Feeds the tokens of a head to sequences whose tokens lose half of their weight with each",
      "half-life, counted in tokens, and in seconds of a stream with one token each second. Compares",
      "their answers with exact decayed attention. Anchors, tokens and queries are as in 'accuracy',",
      "with 512 queries. Prints a Markdown table:",
      "  relF                 error against exact decayed attention",
      "  relF_newest          error of a sequence without decay that has only the newest 1.44",
      "                       half-lives of tokens, against exact attention over these; some tokens",
      "                       more or less, so that equally many are pending",
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
        "Comma-separated half-lives in tokens; a head must have 1.44 half-lives of tokens",
        "(default: ${DEFAULT-VALUE})."
      })
  private List<Integer> halfLives;

  @Mixin private Help help;

  /** The newest tokens of a head, and the queries answered exactly over them. */
  private record Newest(Feed feed, TestSet test) {}

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
    Feed feed = Feed.behindAnchors(head);
    for (int halfLife : halfLives) {
      if (newestTokens(halfLife) > feed.tokens()) {
        throw new ParameterException(
            spec.commandLine(),
            "--half-lives: 1.44 half-lives of %d tokens are more than the %d tokens of %s"
                .formatted(halfLife, feed.tokens(), head.name()));
      }
    }
    Map<Integer, TestSet> decayed = new LinkedHashMap<>();
    try (ProgressBar bar =
        Progress.bar(head.name() + " exact", (long) QUERIES * halfLives.size())) {
      for (int halfLife : halfLives) {
        decayed.put(halfLife, draw(Feed.decayed(head, halfLife), bar::stepBy));
      }
    }
    long tokens = feed.tokens();
    for (int halfLife : halfLives) {
      tokens += 2 * feed.tokens() + newestTokens(halfLife);
    }
    Map<Integer, Newest> newest = new HashMap<>();
    cells.measure(
        feed,
        tokens,
        (method, size, seed, progress) -> {
          if (method instanceof Deployed sketch) {
            measure(sketch, size, seed, feed, decayed, newest, progress, report);
          }
        });
  }

  private TestSet draw(Feed feed, IntConsumer progress) {
    return TestSet.draw(feed, QUERIES, cells.seed(), progress);
  }

  /** Returns the number of tokens whose weights without decay are those of an endless stream. */
  private static int newestTokens(int halfLife) {
    return (int) Math.round(Math.min(Integer.MAX_VALUE, halfLife / Math.log(2)));
  }

  /**
   * Returns the number nearest to {@link #newestTokens} that leaves as many tokens pending as the
   * whole stream leaves with decay. Pending tokens are answered exactly, so their number matters.
   */
  private static int newestTokens(int halfLife, Deployed sketch, Feed feed, int bytes) {
    int all = Math.toIntExact(feed.tokens());
    int cut = cutSize(sketch, feed.head(), bytes);
    int pending = all % cutSize(sketch.with(Decay.byTokens(halfLife)), feed.head(), bytes);
    int blocks = (int) Math.round((newestTokens(halfLife) - pending) / (double) cut);
    int tokens = Math.max(0, blocks) * cut + pending;
    return tokens > all ? tokens - cut : Math.max(1, tokens);
  }

  private static int cutSize(Deployed sketch, Head head, int bytes) {
    return sketch.spec(head, bytes, 0).layout().cutSize();
  }

  private void measure(
      Deployed sketch,
      StateSize size,
      long seed,
      Feed feed,
      Map<Integer, TestSet> decayed,
      Map<Integer, Newest> newest,
      LongConsumer progress,
      DecayReport report) {
    Head head = feed.head();
    Trial whole = Trial.fold(sketch, feed, size.bytes(), seed, progress);
    // The test sets have equal queries.
    Trial.Outcome withoutDecay = whole.ask(decayed.values().iterator().next());
    decayed.forEach(
        (halfLife, test) -> {
          int tokens = newestTokens(halfLife, sketch, feed, size.bytes());
          Newest recent = newest.computeIfAbsent(tokens, count -> newest(head, count));
          double relFNewest =
              run(sketch, recent.feed(), size, seed, progress, recent.test()).relF();
          double relFWithoutDecay = Score.of(test, withoutDecay).relF();
          for (Decay decay : decays(halfLife)) {
            Score score = run(sketch.with(decay), feed, size, seed, progress, test);
            report.add(
                new DecayReport.Cell(head.name(), sketch.name(), size, halfLife, decay.byTokens()),
                new DecayReport.Run(score, relFNewest, relFWithoutDecay));
          }
        });
  }

  private Newest newest(Head head, int tokens) {
    Feed feed = Feed.newest(head, tokens);
    return new Newest(feed, draw(feed, answered -> {}));
  }

  private static Score run(
      Deployed sketch, Feed feed, StateSize size, long seed, LongConsumer progress, TestSet test) {
    return Score.of(test, Trial.fold(sketch, feed, size.bytes(), seed, progress).ask(test));
  }

  private static List<Decay> decays(int halfLife) {
    return List.of(
        Decay.byTokens(halfLife),
        Decay.byTime(Duration.ofMillis((long) halfLife * Deployed.TOKEN_MILLIS)));
  }
}
