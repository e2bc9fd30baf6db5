// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.fleet;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.FleetCells;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The command that measures errors on many sequences whose set was learned from others. */
@Command(
    name = "fleet",
    usageHelpWidth = 100,
    sortOptions = false,
    defaultValueProvider = FleetCommand.SmallStates.class,
    description = {
      "Measures errors on fleets: many sequences of a head, whose set was learned from others.",
      "DIR also holds HEAD_S.npy (int32, the sequence of each row; rows in the order of time). Past",
      "sequences are those that appear first; the set is made from their rows that precede all other",
      "sequences. Of every other sequence, the first rows are tokens, and up to 256 queries come",
      "from the last rows. Sketches run as the job runs them, one state for each sequence. If a",
      "sequence does not fit the size, the cell is reported on standard error and has no row. Prints",
      "a Markdown table of means over the seeds; relF_low and relF_high enclose relF in 90 %% of",
      "random draws of the sequences. The plots show error against the state size. A head without",
      "HEAD_S.npy is a fleet of two: its first 30 %% and the rest.",
      ""
    })
public final class FleetCommand implements Callable<Integer> {

  @Mixin private Cells cells;

  @Mixin private FleetCells fleets;

  @Mixin private Results results;

  @Mixin private Help help;

  /** Gives sequences of a fleet smaller states than long streams. */
  static final class SmallStates implements IDefaultValueProvider {
    @Override
    public String defaultValue(ArgSpec arg) {
      return arg instanceof OptionSpec option && option.longestName().equals("--state-sizes")
          ? "16KiB,8KiB,4KiB,2KiB"
          : null;
    }
  }

  @Override
  public Integer call() throws IOException {
    FleetReport report = new FleetReport(cells.seeds().length);
    results.open();
    for (String name : cells.heads()) {
      fleets.measure(
          cells,
          name,
          (method, size, tests, outcomes) ->
              report.add(
                  new FleetReport.Cell(name, method.name(), size), FleetScore.of(tests, outcomes)));
      results.write(report.table(), "fleet-" + name, report.plots(name));
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }
}
