// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import dev.onepass.bench.report.Output;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options for files that a measurement writes in addition to standard output. */
public final class Results {

  @Option(names = "--csv", paramLabel = "FILE", description = "Writes the table as CSV.")
  private Path csv;

  @Option(
      names = "--plot",
      paramLabel = "DIR",
      description = "Writes a plot for each head, ${COMMAND-NAME}-HEAD.png.")
  private Path plot;

  private Output pictures;

  /** Creates the directories. Call it before a measurement begins. */
  public void open() throws IOException {
    if (csv != null && csv.toAbsolutePath().getParent() != null) {
      Files.createDirectories(csv.toAbsolutePath().getParent());
    }
    if (plot != null) {
      pictures = new Output(plot);
    }
  }

  /**
   * Writes the results so far. Call it after each head, so that an interrupted run leaves files.
   */
  public void write(Table table, String picture, List<Plot> panels) throws IOException {
    if (csv != null) {
      Files.writeString(csv, table.toCsv(), StandardCharsets.UTF_8);
    }
    if (pictures != null) {
      pictures.picture(picture, panels);
    }
  }
}
