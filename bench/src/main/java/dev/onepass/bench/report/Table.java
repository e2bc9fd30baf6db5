// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A table of text and numbers with named columns. CSV shows six digits of numbers that are not
 * integers, Markdown three.
 */
public final class Table {
  private final List<String> columns;
  private final List<List<Object>> rows = new ArrayList<>();

  /**
   * Creates an empty table.
   *
   * @param columns names, with units if they have any
   */
  public Table(String... columns) {
    this.columns = List.of(columns);
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column: text, an integer or a double; NaN makes an empty cell
   */
  public Table row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "Expected " + columns.size() + " cells, got " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Returns whether the table has no rows. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Returns the number of rows. */
  public int size() {
    return rows.size();
  }

  /** Returns the table as CSV (RFC 4180, with line feeds). */
  public String toCsv() {
    StringBuilder text = new StringBuilder(csvLine(columns));
    rows.forEach(row -> text.append(csvLine(row)));
    return text.toString();
  }

  private static String csvLine(List<?> cells) {
    return cells.stream().map(Table::csvCell).collect(Collectors.joining(",", "", "\n"));
  }

  private static String csvCell(Object cell) {
    if (cell instanceof Double number) {
      // Six digits are more than the precision of any measurement.
      return number.isNaN() ? "" : plain(String.format(Locale.ROOT, "%.6g", number));
    }
    String text = cell.toString();
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** Returns the table as Markdown, with numbers right-aligned. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder(markdownLine(columns));
    text.append('|');
    for (int c = 0; c < columns.size(); c++) {
      text.append(isNumeric(c) ? "---:|" : "---|");
    }
    text.append('\n');
    rows.forEach(row -> text.append(markdownLine(row)));
    return text.toString();
  }

  private boolean isNumeric(int column) {
    return !isEmpty() && rows.stream().allMatch(row -> row.get(column) instanceof Number);
  }

  private static String markdownLine(List<?> cells) {
    return cells.stream()
        .map(cell -> markdownCell(cell).replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String markdownCell(Object cell) {
    if (cell instanceof Double number) {
      return number.isNaN() ? "-" : digits(number);
    }
    if (cell instanceof Number number) {
      return String.format(Locale.ROOT, "%,d", number.longValue()).replace(',', ' ');
    }
    return cell.toString();
  }

  /** Returns a number as Markdown shows it. */
  public static String digits(double number) {
    return plain(String.format(Locale.ROOT, "%.3g", number));
  }

  /** Removes trailing zeros: 0.500000 becomes 0.5. */
  private static String plain(String number) {
    return number.contains(".") && !number.contains("e")
        ? number.replaceFirst("\\.?0+$", "")
        : number;
  }
}
