package dev.onepass.bench;

import dev.onepass.bench.accuracy.Deployed;
import dev.onepass.bench.accuracy.Method;
import dev.onepass.bench.accuracy.Score;
import dev.onepass.bench.accuracy.TestSet;
import dev.onepass.bench.accuracy.Trial;
import dev.onepass.bench.data.FileHeads;
import dev.onepass.bench.data.Head;
import dev.onepass.bench.peers.Peers;
import dev.onepass.bench.report.Output;
import dev.onepass.bench.report.Progress;
import dev.onepass.sketch.SketchFamilies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the error of every sketch, and of its peers, at equal bytes. */
@Command(
    name = "accuracy",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures how far answers are from exact attention, for sketches as the job runs them and for",
      "other methods at equal bytes. Feeds every token of a head and asks 2 048 queries of its last",
      "24 %. Prints a Markdown table; what does not fit is said on standard error and has no row.",
      ""
    })
final class AccuracyCommand implements Callable<Integer> {
  private static final int QUERIES = 2_048;
  private static final String ALL = "all";

  private static final List<Method> METHODS =
      Stream.concat(SketchFamilies.all().stream().map(Deployed::new), Peers.ALL.stream()).toList();

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Directory of HEAD_{Q,K,V}.npy, float16 or float32, logits = Q K'.")
  private Path data;

  @Option(
      names = "--heads",
      paramLabel = "NAME",
      split = ",",
      required = true,
      description = "Heads to measure, comma between them.")
  private List<String> heads;

  @Option(
      names = "--state-sizes",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "512KiB,128KiB,32KiB",
      converter = StateSize.Converter.class,
      description = "Bytes of state for one sequence (default: ${DEFAULT-VALUE}).")
  private List<StateSize> sizes;

  @Option(
      names = "--sketches",
      paramLabel = "NAME",
      split = ",",
      defaultValue = ALL,
      description = "What to measure, by name (default: ${DEFAULT-VALUE}, sketches and peers).")
  private List<String> sketches;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Draws the queries, and what sketches draw (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Runs with so many seeds from --seed on, over the same queries; a row holds the mean",
        "(default: ${DEFAULT-VALUE})."
      })
  private int seeds;

  @Option(names = "--csv", paramLabel = "FILE", description = "Writes the table as CSV.")
  private Path csv;

  @Option(
      names = "--plot",
      paramLabel = "DIR",
      description = "Writes accuracy-HEAD.png for each head: error against bytes.")
  private Path plot;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    List<Method> methods = chosen();
    if (seeds < 1) {
      throw new ParameterException(spec.commandLine(), "--seeds must be at least 1, not " + seeds);
    }
    Output pictures = plot == null ? null : new Output(plot);
    AccuracyReport report = new AccuracyReport();
    for (Head head : new FileHeads(data, heads).load(Integer.MAX_VALUE)) {
      measure(head, methods, report).forEach(System.err::println);
      write(report);
      if (pictures != null) {
        pictures.picture("accuracy-" + head.name(), report.plots(head));
      }
    }
    System.out.print(report.table().toMarkdown());
    return 0;
  }

  private List<Method> chosen() {
    LinkedHashSet<String> wanted = new LinkedHashSet<>(sketches);
    for (String name : wanted) {
      if (!name.equals(ALL) && METHODS.stream().noneMatch(method -> method.name().equals(name))) {
        throw new ParameterException(
            spec.commandLine(),
            "There is no sketch '%s'; there are %s."
                .formatted(
                    name, METHODS.stream().map(Method::name).collect(Collectors.joining(", "))));
      }
    }
    return METHODS.stream()
        .filter(method -> wanted.contains(ALL) || wanted.contains(method.name()))
        .toList();
  }

  /** Measures one head; what did not fit is returned, a sentence each. */
  private List<String> measure(Head head, List<Method> methods, AccuracyReport report) {
    TestSet test;
    try (ProgressBar bar = Progress.bar(head.name() + " exact", QUERIES)) {
      test = TestSet.draw(head, QUERIES, seed, bar::stepBy);
    }
    List<String> refused = new ArrayList<>();
    try (ProgressBar bar =
        Progress.bar(head.name() + " sketches", (long) methods.size() * sizes.size())) {
      for (StateSize size : sizes) {
        for (Method method : methods) {
          try {
            report.add(head, method, size, run(method, test, size.bytes()));
          } catch (IllegalArgumentException e) {
            refused.add(
                "%s %s %s: %s.".formatted(head.name(), method.name(), size, e.getMessage()));
          }
          bar.step();
        }
      }
    }
    return refused;
  }

  private Score run(Method method, TestSet test, int bytes) {
    List<Score> runs = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      runs.add(Trial.run(method, test, bytes, seed + i));
    }
    return Score.mean(runs);
  }

  /** After each head, so that a run that is broken off leaves what it has. */
  private void write(AccuracyReport report) throws IOException {
    if (csv != null) {
      if (csv.toAbsolutePath().getParent() != null) {
        Files.createDirectories(csv.toAbsolutePath().getParent());
      }
      Files.writeString(csv, report.table().toCsv(), StandardCharsets.UTF_8);
    }
  }
}
