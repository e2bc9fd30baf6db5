// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.ModelText;
import dev.onepass.bench.report.Output;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Heads;
import dev.onepass.datasets.models.EncoderModel;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.ModelHeads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that checks the claims about the one-pass algorithm and prints a verdict on each. */
@Command(
    name = "claims",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Checks the claims about the one-pass algorithm (arXiv 2311.14652).",
      "Runs on planted streams and on real attention heads. Writes a table (CSV) and a plot (PNG)",
      "for each claim, and prints the table and a verdict as Markdown.",
      ""
    })
public final class ClaimsCommand implements Callable<Integer> {
  private static final EncoderModel MODEL = EncoderModel.ALL_MINILM_L6_V2;
  private static final String DEFAULT_HEADS = "L0H7,L3H9,L1H8";

  @Spec private CommandSpec spec;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = ClaimNames.class,
      description = {
        "Comma-separated claims to check, of ${COMPLETION-CANDIDATES}",
        "(default: all)."
      })
  private List<String> only = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "claims",
      description = "Directory for CSV and PNG files (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "Directory of HEAD_{Q,K,V}.npy, float16 or float32, logits = Q K'",
        "(default: heads of all-MiniLM-L6-v2 computed over --text)."
      })
  private Path data;

  @Mixin private ModelText text;

  @Option(
      names = "--heads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = DEFAULT_HEADS,
      description = "Attention heads (default: ${DEFAULT-VALUE}: flat, medium, sharp).")
  private List<String> heads;

  @Option(names = "--quick", description = "Smaller sizes and fewer repetitions: under a minute.")
  private boolean quick;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of planted streams and hashes (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private Help help;

  @Override
  public Integer call() throws IOException {
    List<Claim> claims = chosen();
    Setting setting = new Setting(quick, seed, heads());
    Output output = new Output(out);
    for (Claim claim : claims) {
      long start = System.nanoTime();
      Finding finding = claim.measure(setting);
      output.table(claim.name(), finding.table());
      output.picture(claim.name(), finding.panels());
      System.out.print(markdown(claim, finding, (System.nanoTime() - start) / 1e9));
      System.out.flush();
    }
    return 0;
  }

  private List<Claim> chosen() {
    for (String name : only) {
      if (Claims.ALL.stream().noneMatch(claim -> claim.name().equals(name))) {
        throw new ParameterException(
            spec.commandLine(),
            "There is no claim '%s'; the claims are %s."
                .formatted(name, String.join(", ", Claims.names())));
      }
    }
    return Claims.ALL.stream()
        .filter(claim -> only.isEmpty() || only.contains(claim.name()))
        .toList();
  }

  private Heads heads() {
    if (data != null) {
      return new FileHeads(data, heads);
    }
    try {
      List<HeadName> names = HeadName.parseAll(String.join(",", heads), MODEL);
      return new ModelHeads(MODEL, text.path(MODEL), names);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--heads: " + e.getMessage() + ".", e);
    }
  }

  private String markdown(Claim claim, Finding finding, double seconds) {
    return """
        ## %s

        **Claim.** %s

        **Measured.** %s

        `%s` (%.0f s)

        %s
        **Verdict.** %s

        """
        .formatted(
            claim.title(),
            claim.claim(),
            claim.measured(),
            commandFor(claim),
            seconds,
            finding.table().toMarkdown(),
            finding.verdict());
  }

  /** Returns the command line that produces the same table. */
  private String commandFor(Claim claim) {
    StringBuilder line =
        new StringBuilder("java -jar bench/target/onepass-bench.jar claims --only ");
    line.append(claim.name());
    String names = String.join(",", heads);
    line.append(quick ? " --quick" : "")
        .append(data == null ? "" : " --data " + data)
        .append(text.given() == null ? "" : " --text " + text.given())
        .append(names.equals(DEFAULT_HEADS) ? "" : " --heads " + names);
    return line.append(" --seed ").append(seed).toString();
  }

  /** Lists the claims in the help. */
  private static final class ClaimNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Claims.names().iterator();
    }
  }
}
