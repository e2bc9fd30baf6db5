// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.heads;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.ModelText;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.minilm.HeadName;
import dev.onepass.datasets.minilm.ModelHeads;
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

/** The command that writes attention heads of the model to files for the other subcommands. */
@Command(
    name = "heads",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Runs all-MiniLM-L6-v2 over a text and writes its attention heads to files.",
      "The queries, keys and values of a head go to HEAD_Q.npy, HEAD_K.npy and HEAD_V.npy as",
      "float16. Queries are divided by the square root of their dimension, so logits = Q K'.",
      ""
    })
public final class HeadsCommand implements Callable<Integer> {

  /** Three vectors of 32 floats. */
  private static final int ROW_BYTES = 384;

  @Spec private CommandSpec spec;

  @Mixin private ModelText text;

  @Option(
      names = "--heads",
      paramLabel = "NAME",
      required = true,
      description = "Comma-separated heads, L0H0 to L5H11.")
  private String heads;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Maximum number of rows; a short text gives fewer (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files go.")
  private Path out;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    List<HeadName> names = names();
    if (tokens < 1) {
      throw new ParameterException(
          spec.commandLine(), "--tokens must be at least 1, not " + tokens);
    }
    Files.createDirectories(out);
    Path read = text.path();
    int atOnce = headsAtOnce(Runtime.getRuntime().maxMemory());
    for (int from = 0; from < names.size(); from += atOnce) {
      List<HeadName> some = names.subList(from, Math.min(names.size(), from + atOnce));
      for (Head head : new ModelHeads(read, some).load(tokens)) {
        FileHeads.write(out, head);
        System.out.printf("%s: %d rows%n", head.name(), head.rows());
      }
    }
    return 0;
  }

  /**
   * Returns how many heads one run of the model computes: as many as fit in a third of the memory,
   * at least one.
   */
  private int headsAtOnce(long memory) {
    return (int) Math.max(1, Math.min(names().size(), memory / 3 / ROW_BYTES / tokens));
  }

  private List<HeadName> names() {
    try {
      return HeadName.parseAll(heads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--heads: " + e.getMessage() + ".", e);
    }
  }
}
