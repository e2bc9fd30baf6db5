// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.decay;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The results of a measurement of decay, as a table and plots. */
final class DecayReport {
  /** Errors below this are the rounding of exact answers. */
  private static final double EXACT = 1e-5;

  /**
   * The settings of a row.
   *
   * @param halfLife in tokens
   * @param byTokens whether time is counted in tokens
   */
  record Cell(String head, String method, StateSize size, int halfLife, boolean byTokens) {}

  /**
   * A run.
   *
   * @param score answers with decay against exact decayed attention
   * @param relFNewest error of a sequence without decay of the newest 1.44 half-lives of tokens
   * @param relFWithoutDecay error of a sequence without decay against exact decayed attention
   */
  record Run(Score score, double relFNewest, double relFWithoutDecay) {}

  private final Map<Cell, List<Run>> runs = new LinkedHashMap<>();

  /** Adds a run. A row is the mean over runs with the same settings. */
  void add(Cell cell, Run run) {
    runs.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(run);
  }

  Table table() {
    Table table =
        new Table(
            "head",
            "sketch",
            "state_bytes_allowed",
            "half_life_tokens",
            "decay",
            "state_bytes_used",
            "relF",
            "relF_newest",
            "ratio",
            "relF_without_decay",
            "coverage90");
    runs.forEach(
        (cell, some) -> {
          Score score = score(some);
          double newest = mean(some, Run::relFNewest);
          table.row(
              cell.head(),
              cell.method(),
              cell.size().bytes(),
              cell.halfLife(),
              cell.byTokens() ? "tokens" : "time",
              score.stateBytes(),
              score.relF(),
              newest,
              newest < EXACT ? Double.NaN : score.relF() / newest,
              mean(some, Run::relFWithoutDecay),
              score.coverage90());
        });
    return table;
  }

  private static Score score(List<Run> some) {
    return Score.mean(some.stream().map(Run::score).toList());
  }

  private static double mean(List<Run> some, ToDoubleFunction<Run> number) {
    return some.stream().mapToDouble(number).average().orElseThrow();
  }

  /** Returns plots of error against half-life by tokens, one panel for each size. */
  List<Plot> plots(String head) {
    Map<StateSize, Map<String, Map<Cell, List<Run>>>> panels = new LinkedHashMap<>();
    runs.forEach(
        (cell, some) -> {
          if (cell.head().equals(head) && cell.byTokens()) {
            panels
                .computeIfAbsent(cell.size(), ignored -> new LinkedHashMap<>())
                .computeIfAbsent(cell.method(), ignored -> new LinkedHashMap<>())
                .put(cell, some);
          }
        });
    List<Plot> plots = new ArrayList<>();
    panels.forEach(
        (size, methods) -> {
          LinePlot plot =
              new LinePlot(head + ", " + size, "half-life [tokens]", "error |Y - T| / |T|")
                  .logX()
                  .logY()
                  .wholeDecades()
                  .names(Cells.sketchNames());
          methods.forEach(
              (method, cells) ->
                  plot.line(
                      method,
                      cells.keySet().stream().mapToDouble(Cell::halfLife).toArray(),
                      cells.values().stream().mapToDouble(some -> score(some).relF()).toArray()));
          plots.add(plot);
        });
    return plots;
  }
}
