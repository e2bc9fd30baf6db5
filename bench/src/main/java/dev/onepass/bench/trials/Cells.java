// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.bench.peers.Peers;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.fleets.FleetFiles;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.registry.SketchFamilies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for methods, state sizes, heads and seeds, and the loop over their combinations. */
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
      description = "Comma-separated heads to measure.")
  private List<String> heads;

  @Option(
      names = "--state-sizes",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "512KiB,128KiB,32KiB",
      converter = StateSize.Converter.class,
      description = "Comma-separated state sizes of a sequence (default: ${DEFAULT-VALUE}).")
  private List<StateSize> sizes;

  @Option(
      names = "--sketches",
      paramLabel = "NAME",
      split = ",",
      defaultValue = ALL,
      description =
          "Comma-separated sketches and other methods to measure (default: ${DEFAULT-VALUE}).")
  private List<String> sketches;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description =
          "Seed of the queries and of random choices in sketches (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Number of seeds, from --seed on, with the same queries; a row covers all seeds",
        "(default: ${DEFAULT-VALUE})."
      })
  private int seeds;

  /** The messages already printed about methods that do not fit. */
  private final Set<String> refused = new HashSet<>();

  /** The measurement of one method with one state size on one stream. */
  @FunctionalInterface
  public interface Measurement {

    /**
     * Runs the measurement.
     *
     * @param progress accepts the number of tokens of each step
     * @throws IllegalArgumentException if the bytes are too few; the message says so
     */
    void run(Method method, StateSize size, long seed, LongConsumer progress);
  }

  /** Returns the names of all methods. */
  public static List<String> sketchNames() {
    return METHODS.stream().map(Method::name).toList();
  }

  /** Returns the seed of the queries. */
  public long seed() {
    return seed;
  }

  /** Returns all seeds; the first one is the seed of the queries. */
  public long[] seeds() {
    return LongStream.range(seed, seed + seeds).toArray();
  }

  /** Checks the options and returns the names of the heads, all of which exist. */
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

  /** Checks that a head exists. */
  public void require(String name) throws IOException {
    files(name).require();
  }

  /** Reads a head. */
  public Head head(String name) throws IOException {
    return files(name).load(Integer.MAX_VALUE).get(0);
  }

  /** Reads a fleet; a head without sequences is a fleet of two. */
  public Fleet fleet(String name) throws IOException {
    return FleetFiles.read(data, name);
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
            "There is no sketch '%s'; the sketches are %s."
                .formatted(name, String.join(", ", sketchNames())));
      }
    }
    return METHODS.stream()
        .filter(method -> wanted.contains(ALL) || wanted.contains(method.name()))
        .toList();
  }

  /**
   * Measures every method with every state size and every seed, with what it learned with that
   * seed. A method that does not fit the size is reported on standard error.
   */
  public void measure(Feed feed, Measurement measurement) {
    measure(feed, feed.tokens(), measurement);
  }

  /**
   * Measures like {@link #measure(Feed, Measurement)}.
   *
   * @param tokens number of tokens that one measurement feeds, for the progress bar
   */
  public void measure(Feed feed, long tokens, Measurement measurement) {
    for (long s : seeds()) {
      measure(feed.head().name(), Past.of(feed.head(), s), tokens, measurement);
    }
  }

  /**
   * Measures every method with every state size and the seed of the past.
   *
   * @param head name of the head
   * @param past what methods learn from
   * @param tokens number of tokens that one measurement feeds, for the progress bar
   */
  void measure(String head, Past past, long tokens, Measurement measurement) {
    Set<String> sentences = new LinkedHashSet<>();
    List<Method> methods = learned(head, past, sentences);
    try (ProgressBar bar =
        Progress.bar(head + " sketches", tokens * methods.size() * sizes.size())) {
      long done = 0;
      for (StateSize size : sizes) {
        for (Method method : methods) {
          try {
            measurement.run(method, size, past.seed(), bar::stepBy);
          } catch (IllegalArgumentException e) {
            sentences.add("%s %s %s: %s.".formatted(head, method.name(), size, e.getMessage()));
          }
          done += tokens;
          bar.stepTo(done);
        }
      }
    }
    sentences.stream().filter(refused::add).forEach(System.err::println);
  }

  /** Returns the methods with what they learn from the past; as they are if that is nothing. */
  private List<Method> learned(String head, Past past, Set<String> sentences) {
    List<Method> chosen = methods();
    List<Method> learned = new ArrayList<>();
    try (ProgressBar bar = Progress.bar(head + " learning", chosen.size())) {
      for (Method method : chosen) {
        try {
          learned.add(method.learn(past));
        } catch (IllegalArgumentException e) {
          sentences.add("%s learns nothing from the past: %s.".formatted(head, e.getMessage()));
          learned.add(method);
        }
        bar.step();
      }
    }
    return learned;
  }
}
