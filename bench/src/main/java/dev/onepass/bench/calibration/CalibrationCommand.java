// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.calibration;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.trials.AnswerErrors;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.FleetCells;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that compares stated errors with true errors. */
@Command(
    name = "calibration",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Compares the stated errors of answers with their true errors.",
      "A stated error should hold for 90 %% of the answers. Queries come from the head itself and",
      "from other heads, whose queries its sketches have not seen. Feeds and asks as 'accuracy'",
      "does. Prints a Markdown table over the answers of all seeds: coverage90 (0.9 is right, more",
      "is too cautious), the median and the 90 %% quantile of actual error / stated error (1 is",
      "right), and the medians of both errors. The columns log_* do the same for log_normalizer and",
      "log_normalizer_error. Then follow the rank correlation of both errors (spearman), the median",
      "of stated error / actual error, the geometric mean of the stated errors (width), and the share",
      "of answers that state no error, which count nowhere else. The plots show actual against stated",
      "errors of outputs. Sketches that state no error have no row.",
      ""
    })
public final class CalibrationCommand implements Callable<Integer> {
  private static final int QUERIES = 2_048;

  @Spec private CommandSpec spec;

  @Mixin private Cells cells;

  @Mixin private Results results;

  @Option(
      names = "--foreign",
      paramLabel = "HEAD",
      split = ",",
      description = "Comma-separated heads whose queries every measured head answers as well.")
  private List<String> foreign = List.of();

  @Option(
      names = "--fleet",
      description = {
        "Heads are fleets, measured as in 'fleet'. Rows cover the answers of sequences that are not",
        "exact."
      })
  private boolean fleet;

  @Mixin private FleetCells fleets;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    checkOptions();
    CalibrationReport report = new CalibrationReport();
    results.open();
    for (String name : cells.heads()) {
      if (fleet) {
        measureFleet(name, report);
      } else {
        measureHead(name, report);
      }
      results.write(report.table(), "calibration-" + name, report.plots(name));
    }
    if (report.table().isEmpty()) {
      System.err.println("None of these sketches states errors.");
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private void checkOptions() throws IOException {
    Optional<String> ofFleets = fleets.given();
    if (!fleet && ofFleets.isPresent()) {
      throw new ParameterException(spec.commandLine(), ofFleets.get() + " needs --fleet");
    }
    if (fleet && !foreign.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--fleet asks the queries of the sequences; leave out --foreign");
    }
    for (String other : foreign) {
      cells.require(other);
    }
  }

  private void measureFleet(String name, CalibrationReport report) throws IOException {
    fleets.measure(
        cells,
        name,
        (method, size, tests, outcomes) -> {
          for (int i = 0; i < outcomes.size(); i++) {
            if (!outcomes.get(i).exact()) {
              TestSet test = tests.all().get(i).test();
              Method.Answered answered = outcomes.get(i).answered();
              int[] estimates = estimates(answered);
              report.add(
                  new CalibrationReport.Cell(name, name, method.name(), size),
                  AnswerErrors.of(test, answered).only(estimates),
                  AnswerErrors.ofLogNormalizers(test, answered).only(estimates));
            }
          }
        });
  }

  /** Returns the answers that are not stated to be exact. */
  private static int[] estimates(Method.Answered answered) {
    float[] errors = answered.errors();
    return IntStream.range(0, errors.length).filter(q -> errors[q] != 0).toArray();
  }

  private void measureHead(String name, CalibrationReport report) throws IOException {
    Head head = cells.head(name);
    Feed feed = Feed.behindAnchors(head);
    Map<String, TestSet> tests = new LinkedHashMap<>();
    tests.put(name, draw(feed, head));
    for (String other : foreign) {
      if (!other.equals(name)) {
        tests.put(other, draw(feed, cells.head(other)));
      }
    }
    cells.measure(
        feed,
        (method, size, seed, progress) -> {
          Trial trial = Trial.fold(method, feed, size.bytes(), seed, progress);
          tests.forEach(
              (asking, test) -> {
                Method.Answered answered = trial.ask(test).answered();
                report.add(
                    new CalibrationReport.Cell(name, asking, method.name(), size),
                    AnswerErrors.of(test, answered),
                    AnswerErrors.ofLogNormalizers(test, answered));
              });
        });
  }

  private TestSet draw(Feed feed, Head asking) throws IOException {
    if (asking.keyDim() != feed.head().keyDim()) {
      throw new IOException(
          "%s has queries of length %d, but %s has keys of length %d"
              .formatted(asking.name(), asking.keyDim(), feed.head().name(), feed.head().keyDim()));
    }
    try (ProgressBar bar = Progress.bar(feed.head().name() + " exact", QUERIES)) {
      return TestSet.draw(feed, asking, QUERIES, cells.seed(), bar::stepBy);
    }
  }
}
