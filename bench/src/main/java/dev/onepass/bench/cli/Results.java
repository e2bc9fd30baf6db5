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

/** The options that say where a measurement is written beside standard output. */
public final class Results {

  @Option(names = "--csv", paramLabel = "FILE", description = "Writes the table as CSV.")
  private Path csv;

  @Option(
      names = "--plot",
      paramLabel = "DIR",
      description = "Writes a picture for each head, ${COMMAND-NAME}-HEAD.png.")
  private Path plot;

  private Output pictures;

  /** Makes the directories, before anything is measured. */
  public void open() throws IOException {
    if (csv != null && csv.toAbsolutePath().getParent() != null) {
      Files.createDirectories(csv.toAbsolutePath().getParent());
    }
    if (plot != null) {
      pictures = new Output(plot);
    }
  }

  /** Writes what there is, after each head, so that a run that is broken off leaves it. */
  public void write(Table table, String picture, List<Plot> panels) throws IOException {
    if (csv != null) {
      Files.writeString(csv, table.toCsv(), StandardCharsets.UTF_8);
    }
    if (pictures != null) {
      pictures.picture(picture, panels);
    }
  }
}
