// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Collects the rows of a campaign and writes them to {@code chaos.md} and {@code chaos.csv}. */
final class Table {

  private static final List<String> COLUMNS =
      List.of(
          "disturbance",
          "delivery",
          "asked",
          "lost",
          "doubled",
          "wrong",
          "recovery s",
          "silence s",
          "restarts",
          "task managers ended",
          "what a user sees");

  private final Path folder;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /**
   * Creates a table without rows.
   *
   * @param folder the folder of its files
   */
  Table(Path folder) {
    this.folder = folder;
  }

  /** Adds a row and writes the files again. */
  void add(Row row) throws IOException {
    rows.add(row);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("chaos.md"), markdown());
    Files.writeString(folder.resolve("chaos.csv"), csv());
  }

  /** Notes that a cell has failed and has no row. */
  void addFailure(Cell cell, Throwable failure) {
    failures.add(cell.name() + ": no result: " + failure);
  }

  /** Returns a sentence for each violated promise and for each cell without a row. */
  List<String> broken() {
    return Stream.concat(rows.stream().flatMap(row -> row.broken().stream()), failures.stream())
        .toList();
  }

  String markdown() {
    StringBuilder text = new StringBuilder(line(COLUMNS)).append("|---".repeat(COLUMNS.size()));
    text.append("|\n");
    rows.forEach(row -> text.append(line(entries(row))));
    return text.toString();
  }

  private static String line(List<String> words) {
    return words.stream()
        .map(word -> word.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  String csv() {
    StringBuilder text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
    for (Row row : rows) {
      text.append(
          entries(row).stream()
              .map(word -> '"' + word.replace("\"", "\"\"") + '"')
              .collect(Collectors.joining(",", "", "\n")));
    }
    return text.toString();
  }

  private static List<String> entries(Row row) {
    return List.of(
        row.cell().disturbance().toString(),
        row.cell().mode().toString(),
        Integer.toString(row.asked()),
        Integer.toString(row.lost()),
        Integer.toString(row.doubled()),
        Integer.toString(row.wrong()),
        row.recovery().map(Table::seconds).orElse("never"),
        seconds(row.silence()),
        Long.toString(row.restarts()),
        Integer.toString(row.ended()),
        row.seen());
  }

  static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f", Math.max(0, time.toMillis()) / 1e3);
  }
}
