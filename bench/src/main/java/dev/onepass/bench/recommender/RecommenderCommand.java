// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.recommender;

import dev.onepass.bench.cli.Help;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.fleets.FleetFiles;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.recommender.Recommender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that writes a recommender's events to files for the other subcommands. */
@Command(
    name = "recommender",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Makes the stream, or the fleet, of a recommender and writes it to files.",
      "Tokens are events, queries are candidate items. Writes NAME_Q.npy, NAME_K.npy and",
      "NAME_V.npy as float16, logits = Q K'. Without --ratings and --users it generates one long",
      "stream: popularity follows Zipf's law, new items keep appearing, and taste drifts. With",
      "either option it makes a fleet of many users, and also writes NAME_S.npy, the user of each",
      "row, and NAME_I.npy, the item of each row, as int32. Rows are in the order of time.",
      ""
    })
public final class RecommenderCommand implements Callable<Integer> {

  /** Number of queries and keys in the sample for the printed logits. */
  static final int SAMPLE = 2_048;

  /** Minimum number of rows, so that there is a catalogue. */
  private static final int LEAST_ROWS = 100;

  @Spec private CommandSpec spec;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files go.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "Prefix of the file names (default: REC; with --ratings RATINGS, with --users USERS).")
  private String name;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Of a stream: number of events, and of queries (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--deviation",
      paramLabel = "X",
      defaultValue = "2",
      description = "Of a stream: standard deviation of the logits (default: ${DEFAULT-VALUE}).")
  private double deviation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of all that is drawn (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private FleetOptions fleets;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    fleets.check(List.of("--rows", "--deviation"));
    if (rows < LEAST_ROWS) {
      throw new ParameterException(
          spec.commandLine(), "--rows must be at least " + LEAST_ROWS + ", not " + rows);
    }
    if (!(deviation > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--deviation must be above 0, not " + deviation);
    }
    Files.createDirectories(out);
    if (fleets.given()) {
      writeFleet(name == null ? fleets.defaultName() : name);
    } else {
      writeStream(name == null ? "REC" : name);
    }
    return 0;
  }

  private void writeFleet(String called) throws IOException {
    Fleet fleet = fleets.fleet(called, seed);
    FleetFiles.write(out, fleet);
    System.out.println(FleetDescription.of(fleet));
  }

  private void writeStream(String called) throws IOException {
    Head head = Recommender.stream(called, rows, deviation, seed);
    FileHeads.write(out, head);
    System.out.printf(
        "%s: %d rows, standard deviation of the logits %.2f, %d distinct keys, %d in the first 30 %%%n",
        called,
        rows,
        Logits.sample(head, SAMPLE).deviation(),
        head.distinctKeys(rows),
        head.distinctKeys(EarlyAnchors.rows(rows)));
  }
}
