// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.stability;

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

/** The results of a stability measurement, as a table and plots. */
final class StabilityReport {
  /** The settings that all lengths of a curve share. */
  record Cell(String head, String method, StateSize size) {}

  /** The length of a stream, and whether its tokens are drawn from a shorter stream. */
  record Length(long tokens, boolean drawn) {}

  private final Map<Cell, Map<Length, List<Score>>> runs = new LinkedHashMap<>();

  /** Adds a run. A row is the mean over runs with the same settings. */
  void add(Cell cell, Length length, Score score) {
    runs.computeIfAbsent(cell, ignored -> new LinkedHashMap<>())
        .computeIfAbsent(length, ignored -> new ArrayList<>())
        .add(score);
  }

  Table table() {
    Table table =
        new Table(
            "head",
            "sketch",
            "state_bytes_allowed",
            "n",
            "tokens",
            "state_bytes_used",
            "relF",
            "ratio",
            "coverage90",
            "fold_us_per_token");
    runs.forEach(
        (cell, lengths) -> {
          double first = Score.mean(lengths.values().iterator().next()).relF();
          lengths.forEach(
              (length, scores) -> {
                Score score = Score.mean(scores);
                table.row(
                    cell.head(),
                    cell.method(),
                    cell.size().bytes(),
                    length.tokens(),
                    length.drawn() ? "drawn" : "own",
                    score.stateBytes(),
                    score.relF(),
                    score.relF() / first,
                    score.coverage90(),
                    score.foldMicros());
              });
        });
    return table;
  }

  /** Returns plots of error against length, one panel for each size. */
  List<Plot> plots(String head) {
    Map<StateSize, LinePlot> panels = new LinkedHashMap<>();
    runs.forEach(
        (cell, lengths) -> {
          if (cell.head().equals(head)) {
            panels
                .computeIfAbsent(cell.size(), size -> panel(head + ", " + size))
                .line(
                    cell.method(),
                    lengths.keySet().stream().mapToDouble(Length::tokens).toArray(),
                    lengths.values().stream().mapToDouble(s -> Score.mean(s).relF()).toArray());
          }
        });
    return List.copyOf(panels.values());
  }

  private static LinePlot panel(String title) {
    return new LinePlot(title, "tokens", "error |Y - T| / |T|")
        .logX()
        .logY()
        .wholeDecades()
        .names(Cells.sketchNames());
  }
}
