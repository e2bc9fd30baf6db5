// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.calibration;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.AnswerErrors;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** The results of a calibration, as a table and plots. */
final class CalibrationReport {
  /** Minimum answers per point of a plot: 2 048 queries and one seed give 205. */
  private static final int GROUPS = 10;

  /** The key of a row: the head of the tokens, the head of the queries, and the method. */
  record Cell(String head, String asking, String method, StateSize size) {}

  private final Map<Cell, List<AnswerErrors>> runs = new LinkedHashMap<>();
  private final Map<Cell, List<AnswerErrors>> logNormalizers = new LinkedHashMap<>();

  /**
   * Adds a run. A row covers the answers of all runs; there is none if they state no errors.
   *
   * @param ofLogNormalizers errors of the log-normalizers of the same answers
   */
  void add(Cell cell, AnswerErrors errors, AnswerErrors ofLogNormalizers) {
    runs.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(errors);
    logNormalizers.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(ofLogNormalizers);
  }

  /** Returns the errors of all runs of each cell that states any. */
  private Map<Cell, AnswerErrors> stating() {
    Map<Cell, AnswerErrors> stating = new LinkedHashMap<>();
    runs.forEach(
        (cell, several) -> {
          AnswerErrors errors = AnswerErrors.join(several);
          if (errors.isStated()) {
            stating.put(cell, errors);
          }
        });
    return stating;
  }

  Table table() {
    Table table =
        new Table(
            "head",
            "queries_of",
            "sketch",
            "state_bytes_allowed",
            "answers",
            "coverage90",
            "ratio_median",
            "ratio_90",
            "stated_median",
            "actual_median",
            "log_coverage90",
            "log_stated_median",
            "log_actual_median",
            "spearman",
            "stated_over_actual",
            "width",
            "unstated_share");
    stating()
        .forEach(
            (cell, all) -> {
              AnswerErrors errors = all.onlyStated();
              double[] ratios = errors.ratios();
              AnswerErrors logs = AnswerErrors.join(logNormalizers.get(cell));
              table.row(
                  cell.head(),
                  cell.asking(),
                  cell.method(),
                  cell.size().bytes(),
                  ratios.length,
                  errors.coverage(),
                  Numbers.median(ratios),
                  Numbers.quantile(ratios, 0.9),
                  Numbers.median(errors.stated()),
                  Numbers.median(errors.actual()),
                  logs.coverage(),
                  Numbers.median(logs.onlyStated().stated()),
                  Numbers.median(logs.actual()),
                  Numbers.spearman(errors.stated(), errors.actual()),
                  1 / Numbers.median(ratios),
                  Numbers.geometricMean(errors.stated()),
                  all.unstatedShare());
            });
    return table;
  }

  /** Returns plots of actual against stated errors, one panel for each size. */
  List<Plot> plots(String head) {
    Map<Cell, AnswerErrors> stating = stating();
    List<Cell> own = stating.keySet().stream().filter(cell -> cell.head().equals(head)).toList();
    List<String> names = own.stream().map(CalibrationReport::line).distinct().toList();
    Map<StateSize, List<Cell>> panels =
        own.stream()
            .collect(Collectors.groupingBy(Cell::size, LinkedHashMap::new, Collectors.toList()));
    List<Plot> plots = new ArrayList<>();
    panels.forEach(
        (size, cells) -> plots.add(plot(head + ", " + size, cells, stating).names(names)));
    return plots;
  }

  private static String line(Cell cell) {
    return cell.asking().equals(cell.head())
        ? cell.method()
        : cell.method() + ", asked by " + cell.asking();
  }

  private static LinePlot plot(String title, List<Cell> cells, Map<Cell, AnswerErrors> stating) {
    LinePlot plot =
        new LinePlot(title, "stated error (median of a tenth)", "error of 9 in 10 of that tenth")
            .logX()
            .logY()
            .wholeDecades();
    DoubleSummaryStatistics ends = new DoubleSummaryStatistics();
    for (Cell cell : cells) {
      List<AnswerErrors.Group> groups = stating.get(cell).groups(GROUPS);
      double[] stated = groups.stream().mapToDouble(AnswerErrors.Group::stated).toArray();
      DoubleStream.of(stated).filter(x -> x > 0).forEach(ends);
      plot.line(
          line(cell), stated, groups.stream().mapToDouble(AnswerErrors.Group::actual90).toArray());
    }
    double[] range = {ends.getMin(), ends.getMax()};
    return plot.reference("as stated", range, range);
  }
}
