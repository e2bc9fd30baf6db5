// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;

/**
 * The tested sequences of a fleet, each with its tokens, its queries and the exact answers.
 *
 * @param all at least one sequence
 */
public record FleetTests(List<Sequence> all) {

  /**
   * A tested sequence.
   *
   * @param number number of the sequence in its fleet
   * @param feed its tokens
   * @param test its queries and the exact answers over its tokens
   */
  public record Sequence(int number, Feed feed, TestSet test) {}

  /** The outcome of one sequence, or why there is none. */
  private record Attempt(Optional<Trial.Outcome> outcome, String failure) {}

  /** Gives the queries to a tested sequence. */
  @FunctionalInterface
  public interface Asking {
    /** Returns at least one query, all for the tokens of the sequence. */
    QueryBlock queries(FleetSplit.Asked asked);
  }

  /** Returns the asking of the queries of a split. */
  static Asking ofSplit(Fleet fleet) {
    return asked -> fleet.head().queries(asked.queries());
  }

  /** Answers queries to all sequences of a split exactly, on all cores. */
  static FleetTests of(Fleet fleet, FleetSplit split, Asking asking) {
    Head head = fleet.head();
    List<QueryBlock> queries = split.asked().stream().map(asking::queries).toList();
    List<Sequence> all = new ArrayList<>();
    try (ProgressBar bar =
        Progress.bar(head.name() + " exact", queries.stream().mapToInt(QueryBlock::count).sum())) {
      for (int i = 0; i < queries.size(); i++) {
        FleetSplit.Asked asked = split.asked().get(i);
        Feed feed = Feed.of(head.only(asked.tokens()));
        TestSet test = TestSet.of(feed, queries.get(i), bar::stepBy);
        all.add(new Sequence(asked.sequence(), feed, test));
      }
    }
    return new FleetTests(all);
  }

  /** Returns the number of tokens of each sequence. */
  public double[] tokens() {
    return all.stream().mapToDouble(sequence -> sequence.feed().tokens()).toArray();
  }

  /**
   * Lets a method answer all sequences, several at once but each on one thread.
   *
   * @param bytes maximum state size of each sequence
   * @param seed seed of the method's random choices
   * @param progress accepts the number of tokens of each step, from several threads
   * @return one outcome for each sequence
   * @throws IllegalArgumentException if the bytes are too few for a sequence, or if one takes more;
   *     the message says so
   */
  public List<Trial.Outcome> answer(Method method, int bytes, long seed, LongConsumer progress) {
    List<Attempt> attempts =
        all.parallelStream()
            .map(sequence -> attempt(sequence, method, bytes, seed, progress))
            .toList();
    attempts.stream()
        .filter(attempt -> attempt.outcome().isEmpty())
        .findFirst()
        .ifPresent(
            attempt -> {
              throw new IllegalArgumentException(attempt.failure());
            });
    return attempts.stream().map(attempt -> attempt.outcome().orElseThrow()).toList();
  }

  /** Keeps a failure for the caller's thread, which reports the first one of all sequences. */
  private static Attempt attempt(
      Sequence sequence, Method method, int bytes, long seed, LongConsumer progress) {
    try {
      Trial trial = Trial.fold(method, sequence.feed(), bytes, seed, progress);
      Trial.Outcome outcome = trial.ask(sequence.test());
      if (outcome.stateBytes() > bytes) {
        throw new IllegalArgumentException(
            "sequence %d takes %d bytes, but %d are allowed"
                .formatted(sequence.number(), outcome.stateBytes(), bytes));
      }
      return new Attempt(Optional.of(outcome), "");
    } catch (IllegalArgumentException e) {
      return new Attempt(Optional.empty(), e.getMessage());
    }
  }
}
