// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.recommender;

import dev.onepass.bench.cli.Help;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.recommender.Recommender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that writes a recommender stream to files for the other subcommands. */
@Command(
    name = "recommender",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Generates the stream of a recommender and writes it to files.",
      "The stream contrasts with attention heads of a model. The popularity of items follows Zipf's",
      "law, new items keep appearing, and taste drifts. Tokens are events, queries are candidate",
      "items. Writes NAME_Q.npy, NAME_K.npy and NAME_V.npy as float16, logits = Q K'.",
      ""
    })
public final class RecommenderCommand implements Callable<Integer> {

  /** Number of queries and keys in the sample for the printed logits. */
  private static final int SAMPLE = 2_048;

  /** Minimum number of rows, so that there is a catalogue. */
  private static final int LEAST_ROWS = 100;

  @Spec private CommandSpec spec;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files go.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "REC",
      description = "Prefix of the file names (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Number of events, and of queries (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--deviation",
      paramLabel = "X",
      defaultValue = "2",
      description = "Standard deviation of the logits (default: ${DEFAULT-VALUE}).")
  private double deviation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of items and events (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    if (rows < LEAST_ROWS) {
      throw new ParameterException(
          spec.commandLine(), "--rows must be at least " + LEAST_ROWS + ", not " + rows);
    }
    if (!(deviation > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--deviation must be above 0, not " + deviation);
    }
    Files.createDirectories(out);
    Head head = Recommender.stream(name, rows, deviation, seed);
    FileHeads.write(out, head);
    int early = (int) (0.3 * rows);
    System.out.printf(
        "%s: %d rows, standard deviation of the logits %.2f, %d distinct keys, %d in the first 30 %%%n",
        name,
        rows,
        Logits.sample(head, SAMPLE).deviation(),
        head.distinctKeys(rows),
        head.distinctKeys(early));
    return 0;
  }
}
