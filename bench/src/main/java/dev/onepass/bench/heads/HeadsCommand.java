// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.heads;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.ModelText;
import dev.onepass.bench.trials.FleetSplit;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.fleets.FleetFiles;
import dev.onepass.datasets.heads.ForeignPast;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Heads;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.models.EncoderModel;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.ModelHeads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command that writes attention heads of a model to files for the other subcommands. */
@Command(
    name = "heads",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Runs a model over a text and writes its attention heads to files.",
      "The queries, keys and values of a head go to HEAD_Q.npy, HEAD_K.npy and HEAD_V.npy as",
      "float16. Queries are divided by the square root of their dimension, so logits = Q K'.",
      "HEAD_S.npy (int32) has the sequence of each row.",
      ""
    })
public final class HeadsCommand implements Callable<Integer> {

  /** Number of queries and keys in the sample for the printed logits. */
  private static final int SAMPLE = 2_048;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "all-minilm-l6-v2",
      converter = ModelConverter.class,
      description = {
        "all-minilm-l6-v2 reads English and has heads of 32 floats; bge-small-zh",
        "reads Chinese and has heads of 64 floats (default: ${DEFAULT-VALUE})."
      })
  private EncoderModel model;

  @Mixin private ModelText text;

  @Option(
      names = "--heads",
      paramLabel = "NAME",
      required = true,
      description = "Comma-separated heads: L0H0 to L5H11, or for bge-small-zh L0H0 to L3H7.")
  private String heads;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Maximum number of rows; a short text gives fewer (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--window",
      paramLabel = "W",
      description = {
        "Makes every W rows a sequence; the last one may be shorter (default: two",
        "sequences, the first 30 %% of the rows and the others)."
      })
  private Integer window;

  @Option(
      names = "--past",
      paramLabel = "FILE",
      description = {
        "A second text, for the rows that a set is learned from: the first 30 %% of",
        "the rows, or with --window the first 60 %% of the windows, are computed over",
        "FILE, the others over --text. Neither text may be too short."
      })
  private Path past;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files go.")
  private Path out;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    check();
    List<HeadName> names = names();
    ModelHeads.requireText(text.path(model));
    if (past != null) {
      ModelHeads.requireText(past);
    }
    Files.createDirectories(out);
    int atOnce = headsAtOnce(names.size(), Runtime.getRuntime().maxMemory());
    for (int from = 0; from < names.size(); from += atOnce) {
      List<HeadName> some = names.subList(from, Math.min(names.size(), from + atOnce));
      for (Head head : source(some).load(tokens)) {
        FleetFiles.write(out, window == null ? Fleet.ofTwo(head) : Fleet.ofWindows(head, window));
        System.out.printf(
            "%s: %d rows, standard deviation of the logits %.2f%n",
            head.name(), head.rows(), Logits.sample(head, SAMPLE).deviation());
      }
    }
    return 0;
  }

  private void check() {
    if (tokens < 1) {
      throw wrong("--tokens must be at least 1, not " + tokens);
    }
    if (window != null && window < 1) {
      throw wrong("--window must be at least 1, not " + window);
    }
    if (past != null && (pastRows() == 0 || pastRows() >= tokens)) {
      throw wrong("--tokens %d are too few for a past and a rest".formatted(tokens));
    }
  }

  private Heads source(List<HeadName> names) {
    Heads heads = new ModelHeads(model, text.path(model), names);
    return past == null
        ? heads
        : new ForeignPast(new ModelHeads(model, past, names), pastRows(), heads);
  }

  /** Returns how many rows come from the other text: those of which a set is learned. */
  private int pastRows() {
    if (window == null) {
      return EarlyAnchors.rows(tokens);
    }
    int windows = (tokens - 1) / window + 1;
    return window * FleetSplit.pastSequences(windows, FleetSplit.PAST_SHARE);
  }

  /**
   * Returns how many heads one run of the model computes: as many as fit in a third of the memory,
   * at least one.
   */
  private int headsAtOnce(int heads, long memory) {
    long bytes = 3L * model.dim() * Float.BYTES * tokens;
    return (int) Math.max(1, Math.min(heads, memory / 3 / bytes));
  }

  private List<HeadName> names() {
    try {
      return HeadName.parseAll(heads, model);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--heads: " + e.getMessage() + ".", e);
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  private static final class ModelConverter implements ITypeConverter<EncoderModel> {
    @Override
    public EncoderModel convert(String value) {
      try {
        return EncoderModel.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage() + ".");
      }
    }
  }
}
