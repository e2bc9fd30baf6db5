// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.fleet;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.measure.Bootstrap;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.Cells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The results of a measurement on fleets, as a table and plots. */
final class FleetReport {
  record Cell(String head, String method, StateSize size) {}

  private record Row(Cell cell, List<FleetScore> scores) {

    /** Returns the mean over the seeds. */
    double mean(ToDoubleFunction<FleetScore> number) {
      return scores.stream().mapToDouble(number).average().orElseThrow();
    }

    long rounded(ToDoubleFunction<FleetScore> number) {
      return Math.round(mean(number));
    }

    double relF() {
      return mean(FleetScore::relF);
    }

    /**
     * Returns the interval of {@link #relF} over draws of sequences. A sequence that several seeds
     * test is one sample, because its errors with these seeds are alike.
     */
    Bootstrap.Interval interval() {
      Integer[] sequences =
          scores.stream()
              .flatMap(score -> score.squares().keySet().stream())
              .distinct()
              .toArray(Integer[]::new);
      FleetScore.Squares[][] squares =
          scores.stream()
              .map(
                  score ->
                      Arrays.stream(sequences)
                          .map(s -> score.squares().getOrDefault(s, FleetScore.Squares.NONE))
                          .toArray(FleetScore.Squares[]::new))
              .toArray(FleetScore.Squares[][]::new);
      return Bootstrap.interval(
          sequences.length,
          drawn ->
              Arrays.stream(squares)
                  .mapToDouble(ofSeed -> relF(ofSeed, drawn))
                  .filter(relF -> !Double.isNaN(relF))
                  .average()
                  .orElse(Double.NaN));
    }

    private static double relF(FleetScore.Squares[] squares, int[] drawn) {
      return Arrays.stream(drawn)
          .mapToObj(i -> squares[i])
          .reduce(FleetScore.Squares.NONE, FleetScore.Squares::plus)
          .relF();
    }
  }

  private final int seeds;
  private final Map<Cell, List<FleetScore>> runs = new LinkedHashMap<>();

  /**
   * Creates an empty report.
   *
   * @param seeds number of runs of a cell; a cell with fewer is void and has no row
   */
  FleetReport(int seeds) {
    this.seeds = seeds;
  }

  /** Adds the run of one seed. */
  void add(Cell cell, FleetScore score) {
    runs.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(score);
  }

  private Stream<Row> rows() {
    return runs.entrySet().stream()
        .filter(run -> run.getValue().size() == seeds)
        .map(run -> new Row(run.getKey(), run.getValue()));
  }

  /** Returns a table with one row for each head, size and sketch. */
  Table table() {
    Table table =
        new Table(
            "head",
            "sketch",
            "state_bytes_allowed",
            "state_bytes_mean",
            "state_bytes_max",
            "shared_bytes",
            "sequences",
            "exact_share",
            "tokens_median",
            "median",
            "p95",
            "relF",
            "relF_low",
            "relF_high",
            "relF_mean",
            "coverage90",
            "fold_us_per_token",
            "query_us",
            "relF_median");
    rows().forEach(row -> add(table, row));
    return table;
  }

  private static void add(Table table, Row row) {
    Bootstrap.Interval interval = row.interval();
    table.row(
        row.cell().head(),
        row.cell().method(),
        row.cell().size().bytes(),
        row.rounded(FleetScore::stateBytesMean),
        row.scores().stream().mapToLong(FleetScore::stateBytesMax).max().orElseThrow(),
        row.scores().stream().mapToLong(FleetScore::sharedBytes).max().orElseThrow(),
        row.rounded(score -> score.squares().size()),
        row.mean(FleetScore::exactShare),
        row.rounded(FleetScore::tokensMedian),
        row.mean(FleetScore::median),
        row.mean(FleetScore::p95),
        row.relF(),
        interval.low(),
        interval.high(),
        row.mean(score -> Arrays.stream(score.relFs()).average().orElseThrow()),
        row.mean(FleetScore::coverage90),
        row.mean(FleetScore::foldMicros),
        row.mean(FleetScore::queryMicros),
        row.mean(score -> Numbers.median(score.relFs())));
  }

  /**
   * Returns plots of relF against the allowed bytes; empty if the head has no rows. Points at which
   * all sequences are exact are left out, because rounding is far below all other errors.
   */
  List<Plot> plots(String head) {
    Map<String, List<Row>> lines = new LinkedHashMap<>();
    rows()
        .filter(row -> row.cell().head().equals(head))
        .filter(row -> row.mean(FleetScore::exactShare) < 1)
        .forEach(
            row ->
                lines.computeIfAbsent(row.cell().method(), ignored -> new ArrayList<>()).add(row));
    if (lines.isEmpty()) {
      return List.of();
    }
    LinePlot plot =
        new LinePlot(
                head + ", bars: 90 % of draws of the sequences",
                "state size of a sequence [KiB]",
                "error |Y - T| / |T|")
            .logX()
            .logY()
            .wholeDecades()
            .names(Cells.sketchNames());
    lines.forEach(
        (method, rows) -> {
          List<Bootstrap.Interval> intervals = rows.stream().map(Row::interval).toList();
          plot.line(
              method,
              rows.stream().mapToDouble(row -> row.cell().size().bytes() / 1024.0).toArray(),
              rows.stream().mapToDouble(Row::relF).toArray(),
              intervals.stream().mapToDouble(Bootstrap.Interval::low).toArray(),
              intervals.stream().mapToDouble(Bootstrap.Interval::high).toArray());
        });
    return List.of(plot);
  }
}
