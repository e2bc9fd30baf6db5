package dev.onepass.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Rows of text and numbers under named columns. CSV keeps numbers as they are, Markdown shows three
 * digits of those that are no whole numbers.
 */
public final class Table {
  private final List<String> columns;
  private final List<List<Object>> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param columns names, with their units where there are any
   */
  public Table(String... columns) {
    this.columns = List.of(columns);
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column: text, a whole number or a double; NaN is an empty cell
   */
  public Table row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells under " + columns.size() + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Whether there are no rows. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Number of rows. */
  public int size() {
    return rows.size();
  }

  /** The table as CSV (RFC 4180, lines end in a line feed). */
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
      // Six digits are more than any measurement here is good for.
      return number.isNaN() ? "" : plain(String.format(Locale.ROOT, "%.6g", number));
    }
    String text = cell.toString();
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** The table as Markdown, numbers to the right. */
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

  /** A number as Markdown shows it. */
  public static String digits(double number) {
    return plain(String.format(Locale.ROOT, "%.3g", number));
  }

  /** Without the zeroes at the end: 0.500000 is 0.5. */
  private static String plain(String number) {
    return number.contains(".") && !number.contains("e")
        ? number.replaceFirst("\\.?0+$", "")
        : number;
  }
}
