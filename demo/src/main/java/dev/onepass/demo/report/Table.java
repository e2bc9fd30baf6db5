// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table as text: the first column is left-aligned, the others are right-aligned. */
final class Table {
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();

  Table(String... headings) {
    rows.add(headings.clone());
  }

  /** Adds a row with one cell for each heading. */
  Table row(String... cells) {
    if (cells.length != rows.get(0).length) {
      throw new IllegalArgumentException(
          "Expected " + rows.get(0).length + " cells, got " + cells.length);
    }
    rows.add(cells.clone());
    return this;
  }

  /** Returns the headings, a rule and the rows, each followed by a line break. */
  @Override
  public String toString() {
    int[] widths =
        IntStream.range(0, rows.get(0).length)
            .map(column -> rows.stream().mapToInt(row -> row[column].length()).max().orElse(0))
            .toArray();
    int width = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append(line(rows.get(i), widths)).append('\n');
      if (i == 0) {
        text.append("-".repeat(width)).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(String[] cells, int[] widths) {
    return IntStream.range(0, cells.length)
        .mapToObj(
            column -> {
              String fill = " ".repeat(widths[column] - cells[column].length());
              return column == 0 ? cells[column] + fill : fill + cells[column];
            })
        .collect(Collectors.joining(GAP))
        .stripTrailing();
  }
}
