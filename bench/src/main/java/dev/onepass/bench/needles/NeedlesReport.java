// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.needles;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.Cells;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which methods find needles, as a table and plots. */
final class NeedlesReport {

  /** Number of needles among the tokens. */
  static final int DEPTHS = 10;

  record Cell(String head, Planting planting, String method, StateSize size) {}

  /** The needles of all seeds, by their row. */
  private static final class Found {
    private long stateBytes;
    private final List<SortedMap<Integer, PlantedHead.Recall>> ofSeeds = new ArrayList<>();

    private Stream<Map.Entry<Integer, PlantedHead.Recall>> needles() {
      return ofSeeds.stream().flatMap(ofSeed -> ofSeed.entrySet().stream());
    }

    double recall() {
      return share(needles().map(Map.Entry::getValue).toList());
    }

    /** Returns the recall of each needle, from the oldest on; NaN if no query asks for it. */
    Stream<Double> recalls() {
      return ofSeeds.get(0).keySet().stream()
          .map(row -> share(ofSeeds.stream().map(ofSeed -> ofSeed.get(row)).toList()));
    }

    private static double share(List<PlantedHead.Recall> recalls) {
      int found = recalls.stream().mapToInt(PlantedHead.Recall::found).sum();
      int counted = recalls.stream().mapToInt(PlantedHead.Recall::counted).sum();
      return new PlantedHead.Recall(found, counted).share();
    }
  }

  private final Map<Cell, Found> cells = new LinkedHashMap<>();

  /** Adds the run of one seed. */
  void add(Cell cell, long stateBytes, SortedMap<Integer, PlantedHead.Recall> recalls) {
    Found found = cells.computeIfAbsent(cell, ignored -> new Found());
    found.stateBytes = Math.max(found.stateBytes, stateBytes);
    found.ofSeeds.add(recalls);
  }

  /** Returns a table with one row for each head, stream, size and method. */
  Table table() {
    String[] depths =
        IntStream.range(0, DEPTHS)
            .mapToObj(i -> "recall_" + (2 * i + 1) * 100 / (2 * DEPTHS))
            .toArray(String[]::new);
    Table table =
        new Table(
            Stream.concat(
                    Stream.of(
                        "head",
                        "stream",
                        "sketch",
                        "state_bytes_allowed",
                        "state_bytes_used",
                        "recall"),
                    Stream.of(depths))
                .toArray(String[]::new));
    cells.forEach(
        (cell, found) ->
            table.row(
                Stream.concat(
                        Stream.of(
                            cell.head(),
                            cell.planting().label(),
                            cell.method(),
                            cell.size().bytes(),
                            found.stateBytes,
                            found.recall()),
                        found.recalls())
                    .toArray()));
    return table;
  }

  /** Returns plots of recall against the allowed bytes; empty if the head has no rows. */
  List<Plot> plots(String head, Planting planting) {
    LinePlot plot =
        new LinePlot(
                "%s, %s needles".formatted(head, planting.label()),
                "state size [KiB]",
                "share of needles that are found")
            .logX()
            .names(Cells.sketchNames());
    Map<String, List<Map.Entry<Cell, Found>>> lines = new LinkedHashMap<>();
    cells.entrySet().stream()
        .filter(entry -> entry.getKey().head().equals(head))
        .filter(entry -> entry.getKey().planting() == planting)
        .forEach(
            entry ->
                lines
                    .computeIfAbsent(entry.getKey().method(), ignored -> new ArrayList<>())
                    .add(entry));
    lines.forEach(
        (method, entries) ->
            plot.line(
                method,
                entries.stream().mapToDouble(e -> e.getKey().size().bytes() / 1024.0).toArray(),
                entries.stream().mapToDouble(e -> e.getValue().recall()).toArray()));
    return lines.isEmpty() ? List.of() : List.of(plot);
  }
}
