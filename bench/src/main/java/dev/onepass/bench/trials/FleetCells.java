// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.fleets.Fleet;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Options that split a fleet, and the loop over all methods, state sizes and seeds on it. */
public final class FleetCells {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--past-share",
      paramLabel = "X",
      defaultValue = "" + FleetSplit.PAST_SHARE,
      description =
          "Share of a fleet's sequences that are past, by first appearance (default: ${DEFAULT-VALUE}).")
  private double pastShare;

  @Option(
      names = "--tokens-share",
      paramLabel = "X",
      defaultValue = "0.8",
      description = {
        "Share of a tested sequence's rows that are tokens; queries come from the others",
        "(default: ${DEFAULT-VALUE})."
      })
  private double tokensShare;

  @Option(
      names = "--min-rows",
      paramLabel = "N",
      defaultValue = "64",
      description = "Minimum number of rows of a tested sequence (default: ${DEFAULT-VALUE}).")
  private int minRows;

  @Option(
      names = "--shuffle",
      description = {
        "Draws the past sequences by the seed and uses all their rows. Without it, only rows that",
        "precede the first row of any other sequence are used."
      })
  private boolean shuffle;

  /** Takes the outcomes of one method with one state size and one seed. */
  @FunctionalInterface
  public interface Taker {

    /**
     * Takes outcomes.
     *
     * @param outcomes one for each tested sequence
     */
    void take(Method method, StateSize size, FleetTests tests, List<Trial.Outcome> outcomes);
  }

  /**
   * Measures every method with every state size and every seed on a fleet. What is learned from the
   * past is learned once for each seed. A cell in which a sequence does not stay within its bytes
   * is reported on standard error.
   *
   * @throws IOException if the fleet cannot be read or has no sequence to test; the message says so
   */
  public void measure(Cells cells, String name, Taker taker) throws IOException {
    Fleet fleet = cells.fleet(name);
    measure(cells, fleet, seed -> FleetTests.ofSplit(fleet), taker);
  }

  /**
   * Measures like {@link #measure(Cells, String, Taker)}, with other queries.
   *
   * @param asking gives the queries of a seed
   * @throws IOException if the fleet has no sequence to test; the message says so
   */
  public void measure(Cells cells, Fleet fleet, LongFunction<FleetTests.Asking> asking, Taker taker)
      throws IOException {
    FleetSplit.Rule rule = rule();
    String name = fleet.head().name();
    for (long seed : cells.seeds()) {
      FleetSplit split = FleetSplit.of(fleet, rule, seed);
      if (split.asked().isEmpty()) {
        throw new IOException(
            "no sequence of %s after the past ones has %d rows; set a smaller --min-rows"
                .formatted(name, minRows));
      }
      FleetTests tests = FleetTests.of(fleet, split, asking.apply(seed));
      cells.measure(
          name,
          split.learnedFrom(fleet, seed),
          (long) DoubleStream.of(tests.tokens()).sum(),
          (method, size, ofSeed, progress) ->
              taker.take(
                  method, size, tests, tests.answer(method, size.bytes(), ofSeed, progress)));
    }
  }

  /** Returns the first of these options on the command line, if there is one. */
  public Optional<String> given() {
    ParseResult line = spec.commandLine().getParseResult();
    return Stream.of("--past-share", "--tokens-share", "--min-rows", "--shuffle")
        .filter(line::hasMatchedOption)
        .findFirst();
  }

  private FleetSplit.Rule rule() {
    requireShare("--past-share", pastShare);
    requireShare("--tokens-share", tokensShare);
    if (minRows < 2) {
      throw new ParameterException(
          spec.commandLine(), "--min-rows must be at least 2, not " + minRows);
    }
    return new FleetSplit.Rule(pastShare, tokensShare, minRows, shuffle);
  }

  private void requireShare(String option, double share) {
    if (!(share > 0 && share < 1)) {
      throw new ParameterException(
          spec.commandLine(), option + " must be above 0 and below 1, not " + share);
    }
  }
}
