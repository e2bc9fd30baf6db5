// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.report;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.internal.chartpart.Chart;

/** Writes tables and plots into a directory. */
public final class Output {
  private final Path directory;
  private final boolean plots;

  /** Creates output into a directory, which is created if it is missing. */
  public Output(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    plots = hasFonts();
    if (!plots) {
      System.err.println(
          "This machine has no fonts, so only tables are written. Install fontconfig and any TrueType font to get plots.");
    }
  }

  private static boolean hasFonts() {
    try {
      FontRenderContext context = new FontRenderContext(null, true, true);
      new Font(Font.SANS_SERIF, Font.PLAIN, 12).createGlyphVector(context, "x");
      return true;
    } catch (RuntimeException | LinkageError | InternalError e) {
      // The type of error depends on what is missing: the library, its configuration or all fonts.
      return false;
    }
  }

  /** Writes {@code NAME.csv}. */
  public Path table(String name, Table table) throws IOException {
    Path file = directory.resolve(name + ".csv");
    Files.writeString(file, table.toCsv(), StandardCharsets.UTF_8);
    return file;
  }

  /** Writes {@code NAME.png} with its panels in a grid. Writes nothing without fonts. */
  public void picture(String name, List<? extends Plot> panels) throws IOException {
    if (!plots || panels.isEmpty()) {
      return;
    }
    List<Chart<?, ?>> charts = panels.stream().<Chart<?, ?>>map(Plot::chart).toList();
    Panels.save(charts, directory.resolve(name + ".png"));
  }
}
