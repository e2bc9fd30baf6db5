// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import dev.onepass.datasets.progress.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/**
 * A file of ratings, one a line. The first line tells which of two forms the file has: comma
 * separated values under the header {@value #HEADER}, or lines {@value #LINE}. Users and items may
 * have any names; they get numbers in the order in which they occur.
 */
public final class RatingsFile {
  private static final String HEADER = "userId,movieId,rating,timestamp";
  private static final String LINE = "user::item::rating::time";

  /** Fields of a line. */
  private static final int FIELDS = 4;

  private final Path file;
  private final String form;
  private final String separator;
  private final Map<String, Integer> users = new HashMap<>();
  private final Map<String, Integer> items = new HashMap<>();
  private final EventLog events = new EventLog();

  private RatingsFile(Path file, String first) throws IOException {
    this.file = file;
    if (first.equals(HEADER)) {
      form = HEADER;
      separator = ",";
    } else if (first.contains("::")) {
      form = LINE;
      separator = "::";
    } else {
      throw new IOException(
          "%s, line 1: expected the header %s or a line %s, found '%s'"
              .formatted(file, HEADER, LINE, first));
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if the file cannot be read, has no ratings, or has a line of another form;
   *     the message names file and line
   */
  public static Events read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " does not exist; --ratings takes a file of ratings");
    }
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
        ProgressBar bar = Progress.bar("ratings", Files.size(file))) {
      String first = lines.readLine();
      if (first == null) {
        throw new IOException(file + " is empty");
      }
      return new RatingsFile(file, first).read(first, lines, bar);
    }
  }

  private Events read(String first, BufferedReader lines, ProgressBar bar) throws IOException {
    boolean hasHeader = form.equals(HEADER);
    String line = hasHeader ? lines.readLine() : first;
    for (int number = hasHeader ? 2 : 1; line != null; number++) {
      add(line, number);
      bar.stepBy(line.length() + 1);
      line = lines.readLine();
    }
    if (users.isEmpty()) {
      throw new IOException(file + " has a header, but no ratings");
    }
    return events.inOrderOfTime(users.size(), items.size());
  }

  private void add(String line, int number) throws IOException {
    String[] fields = line.split(separator, -1);
    if (fields.length != FIELDS || fields[0].isEmpty() || fields[1].isEmpty()) {
      throw wrong(line, number, "expected " + form);
    }
    events.add(
        users.computeIfAbsent(fields[0], name -> users.size()),
        items.computeIfAbsent(fields[1], name -> items.size()),
        rating(fields[2], line, number),
        time(fields[3], line, number));
  }

  private float rating(String field, String line, int number) throws IOException {
    try {
      float rating = Float.parseFloat(field);
      if (Float.isFinite(rating)) {
        return rating;
      }
    } catch (NumberFormatException e) {
      // As if it were infinite.
    }
    throw wrong(line, number, "the rating must be a number");
  }

  private long time(String field, String line, int number) throws IOException {
    try {
      return Long.parseLong(field);
    } catch (NumberFormatException e) {
      throw wrong(line, number, "the time must be a whole number");
    }
  }

  private IOException wrong(String line, int number, String expected) {
    return new IOException("%s, line %d: %s, found '%s'".formatted(file, number, expected, line));
  }
}
