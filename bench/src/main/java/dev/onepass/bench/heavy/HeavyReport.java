// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.heavy;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The results of a measurement of heavy keys, as a table. */
final class HeavyReport {
  /** The settings of a row. */
  record Cell(String head, String stream, String sketch, StateSize size, double share) {}

  /**
   * One run with heavy keys and one without.
   *
   * @param stateBytes bytes of the state with heavy keys
   */
  record Run(
      long stateBytes,
      double relF,
      double relFWithout,
      double recall,
      double recallWithout,
      double foldMicros,
      double foldMicrosWithout) {}

  private final Map<Cell, List<Run>> runs = new LinkedHashMap<>();

  /** Adds a run. A row is the mean over runs with the same settings. */
  void add(Cell cell, Run run) {
    runs.computeIfAbsent(cell, ignored -> new ArrayList<>()).add(run);
  }

  Table table() {
    Table table =
        new Table(
            "head",
            "stream",
            "sketch",
            "state_bytes_allowed",
            "heavy_share",
            "state_bytes_used",
            "relF",
            "relF_without",
            "ratio",
            "recall",
            "recall_without",
            "fold_us_per_token",
            "fold_us_without");
    runs.forEach(
        (cell, some) -> {
          double relF = mean(some, Run::relF);
          double without = mean(some, Run::relFWithout);
          table.row(
              cell.head(),
              cell.stream(),
              cell.sketch(),
              cell.size().bytes(),
              cell.share(),
              some.stream().mapToLong(Run::stateBytes).max().orElseThrow(),
              relF,
              without,
              relF / without,
              mean(some, Run::recall),
              mean(some, Run::recallWithout),
              mean(some, Run::foldMicros),
              mean(some, Run::foldMicrosWithout));
        });
    return table;
  }

  private static double mean(List<Run> some, ToDoubleFunction<Run> number) {
    return some.stream().mapToDouble(number).average().orElseThrow();
  }
}
