package dev.onepass.bench.trials;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.peers.Peers;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.registry.SketchFamilies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what is measured on what, and the loop over it. */
public final class Cells {
  private static final String ALL = "all";

  private static final List<Method> METHODS =
      Stream.concat(SketchFamilies.all().stream().map(Deployed::new), Peers.ALL.stream()).toList();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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
        "Runs with so many seeds from --seed on, over the same queries; a row is over all of",
        "them (default: ${DEFAULT-VALUE})."
      })
  private int seeds;

  /** What does not fit, as far as it has been said. */
  private final Set<String> refused = new HashSet<>();

  /** One method in one size on one stream. */
  @FunctionalInterface
  public interface Measurement {

    /**
     * Measures.
     *
     * @param progress is told of tokens
     * @throws IllegalArgumentException with a sentence, if the bytes do not suffice
     */
    void run(Method method, StateSize size, long seed, LongConsumer progress);
  }

  /** Names of all there is to measure. */
  public static List<String> sketchNames() {
    return METHODS.stream().map(Method::name).toList();
  }

  /** Draws the queries. */
  public long seed() {
    return seed;
  }

  /** Names of the heads, all of which are there. */
  public List<String> heads() throws IOException {
    if (seeds < 1) {
      throw new ParameterException(spec.commandLine(), "--seeds must be at least 1, not " + seeds);
    }
    methods();
    for (String name : heads) {
      require(name);
    }
    return heads;
  }

  /** Checks that a head is there. */
  public void require(String name) throws IOException {
    files(name).require();
  }

  /** Reads a head. */
  public Head head(String name) throws IOException {
    return files(name).load(Integer.MAX_VALUE).get(0);
  }

  private FileHeads files(String name) {
    return new FileHeads(data, List.of(name));
  }

  private List<Method> methods() {
    Set<String> wanted = new LinkedHashSet<>(sketches);
    for (String name : wanted) {
      if (!name.equals(ALL) && METHODS.stream().noneMatch(method -> method.name().equals(name))) {
        throw new ParameterException(
            spec.commandLine(),
            "There is no sketch '%s'; there are %s."
                .formatted(name, String.join(", ", sketchNames())));
      }
    }
    return METHODS.stream()
        .filter(method -> wanted.contains(ALL) || wanted.contains(method.name()))
        .toList();
  }

  /**
   * Measures every method in every size with every seed, over anchors of that seed. What does not
   * fit is said on standard error.
   */
  public void measure(Feed feed, Measurement measurement) {
    List<String> sentences = new ArrayList<>();
    for (long s = seed; s < seed + seeds; s++) {
      List<Method> methods = withAnchors(feed.head(), s, sentences);
      try (ProgressBar bar =
          Progress.bar(
              feed.head().name() + " sketches", feed.tokens() * methods.size() * sizes.size())) {
        long done = 0;
        for (StateSize size : sizes) {
          for (Method method : methods) {
            try {
              measurement.run(method, size, s, bar::stepBy);
            } catch (IllegalArgumentException e) {
              sentences.add(
                  "%s %s %s: %s."
                      .formatted(feed.head().name(), method.name(), size, e.getMessage()));
            }
            done += feed.tokens();
            bar.stepTo(done);
          }
        }
      }
    }
    sentences.stream().filter(refused::add).forEach(System.err::println);
  }

  /** The methods, ready for sequences of a head. */
  private List<Method> withAnchors(Head head, long anchorSeed, List<String> sentences) {
    List<Method> methods = methods();
    if (methods.stream().noneMatch(Method::usesAnchors)) {
      return methods;
    }
    try (ProgressBar bar = Progress.bar(head.name() + " anchors", 1)) {
      AnchorSet anchors = EarlyAnchors.make(head, anchorSeed);
      bar.step();
      return methods.stream()
          .map(method -> method.usesAnchors() ? method.with(anchors) : method)
          .toList();
    } catch (IllegalArgumentException e) {
      sentences.add("%s has no anchors: %s.".formatted(head.name(), e.getMessage()));
      return methods;
    }
  }
}
