// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.accuracy;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The results of an accuracy measurement, as tables and plots. */
final class AccuracyReport {
  private record Cell(String head, long tokens, String method, StateSize size) {}

  private record Row(Cell cell, Score score) {}

  private record Choice(StateSize size, String method) {}

  private final Map<Cell, List<Score>> runs = new LinkedHashMap<>();

  /** Adds a run. A row is the mean over runs with the same settings. */
  void add(Feed feed, Method method, StateSize size, Score score) {
    Cell cell = new Cell(feed.head().name(), feed.tokens(), method.name(), size);
    runs.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(score);
  }

  private Stream<Row> rows() {
    return runs.entrySet().stream().map(run -> new Row(run.getKey(), Score.mean(run.getValue())));
  }

  /** Returns a table with one row for each head, size and sketch. */
  Table table() {
    Table table =
        new Table(
            "head",
            "sketch",
            "state_bytes_allowed",
            "state_bytes_used",
            "shared_bytes",
            "n",
            "median",
            "p95",
            "relF",
            "coverage90",
            "fold_us_per_token",
            "query_us");
    rows()
        .forEach(
            row ->
                table.row(
                    row.cell().head(),
                    row.cell().method(),
                    row.cell().size().bytes(),
                    row.score().stateBytes(),
                    row.score().sharedBytes(),
                    row.cell().tokens(),
                    row.score().median(),
                    row.score().p95(),
                    row.score().relF(),
                    row.score().coverage90(),
                    row.score().foldMicros(),
                    row.score().queryMicros()));
    return table;
  }

  /**
   * Returns a table with one row for each size and sketch and the heads side by side. Columns that
   * are not per head hold means over the heads.
   */
  Table choice() {
    List<String> heads = rows().map(row -> row.cell().head()).distinct().toList();
    List<String> columns =
        new ArrayList<>(List.of("state", "sketch", "used [KiB]", "shared [KiB]"));
    heads.forEach(head -> columns.add(head + " relF (median, p95)"));
    columns.addAll(List.of("within stated", "fold [us]", "query [us]"));
    Table table = new Table(columns.toArray(String[]::new));
    Map<Choice, Map<String, Score>> choices = new LinkedHashMap<>();
    rows()
        .forEach(
            row ->
                choices
                    .computeIfAbsent(
                        new Choice(row.cell().size(), row.cell().method()),
                        ignored -> new LinkedHashMap<>())
                    .put(row.cell().head(), row.score()));
    choices.forEach(
        (choice, scores) -> {
          Score mean = Score.mean(List.copyOf(scores.values()));
          List<Object> cells =
              new ArrayList<>(
                  List.of(
                      choice.size().text(),
                      choice.method(),
                      mean.stateBytes() / 1024.0,
                      mean.sharedBytes() / 1024.0));
          heads.forEach(head -> cells.add(errors(scores.get(head))));
          cells.add(mean.coverage90());
          cells.add(mean.foldMicros());
          cells.add(mean.queryMicros());
          table.row(cells.toArray());
        });
    return table;
  }

  private static String errors(Score score) {
    return score == null
        ? "-"
        : "%s (%s, %s)"
            .formatted(
                Table.digits(score.relF()),
                Table.digits(score.median()),
                Table.digits(score.p95()));
  }

  /** Returns plots of error against bytes used; empty if no method fits. */
  List<Plot> plots(Feed feed) {
    String head = feed.head().name();
    List<Row> own = rows().filter(row -> row.cell().head().equals(head)).toList();
    if (own.isEmpty()) {
      return List.of();
    }
    LinePlot plot =
        new LinePlot(
                "%s, %d tokens".formatted(head, feed.tokens()),
                "state used [KiB]",
                "error |Y - T| / |T|")
            .logX()
            .logY()
            .wholeDecades()
            .names(Cells.sketchNames());
    for (String method : own.stream().map(row -> row.cell().method()).distinct().toList()) {
      List<Score> scores =
          own.stream().filter(row -> row.cell().method().equals(method)).map(Row::score).toList();
      plot.line(
          method,
          scores.stream().mapToDouble(score -> score.stateBytes() / 1024.0).toArray(),
          scores.stream().mapToDouble(Score::relF).toArray());
    }
    return List.of(plot);
  }
}
