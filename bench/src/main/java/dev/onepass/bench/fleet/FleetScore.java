// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.fleet;

import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.trials.AnswerErrors;
import dev.onepass.bench.trials.FleetTests;
import dev.onepass.bench.trials.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The score of a method on the tested sequences of a fleet, with one seed.
 *
 * @param stateBytesMean mean over sequences of the bytes of the serialized state
 * @param stateBytesMax maximum of these bytes
 * @param sharedBytes bytes that all sequences share, after the last answer
 * @param exactShare share of the sequences that are still exact after their last token
 * @param tokensMedian median over sequences of the number of tokens
 * @param median median of |y - t| / |t| over all queries of all sequences
 * @param p95 95 % quantile of |y - t| / |t|
 * @param coverage90 share of answers whose true error is within the stated error; NaN if none is
 *     stated
 * @param foldMicros microseconds per token, median over sequences
 * @param queryMicros microseconds per query, median over sequences
 * @param squares squared errors of each sequence, by its number
 */
record FleetScore(
    double stateBytesMean,
    long stateBytesMax,
    long sharedBytes,
    double exactShare,
    double tokensMedian,
    double median,
    double p95,
    double coverage90,
    double foldMicros,
    double queryMicros,
    Map<Integer, Squares> squares) {

  /**
   * Sums of squares over the answers of some sequences.
   *
   * @param differences sum of |y - t|^2
   * @param sizes sum of |t|^2
   */
  record Squares(double differences, double sizes) {
    static final Squares NONE = new Squares(0, 0);

    Squares plus(Squares other) {
      return new Squares(differences + other.differences, sizes + other.sizes);
    }

    /** Returns |Y - T|_F / |T|_F. */
    double relF() {
      return Math.sqrt(differences / sizes);
    }
  }

  /** Compares the answers of all sequences with the exact answers. */
  static FleetScore of(FleetTests tests, List<Trial.Outcome> outcomes) {
    List<AnswerErrors> answers = new ArrayList<>();
    Map<Integer, Squares> squares = new LinkedHashMap<>();
    for (int i = 0; i < outcomes.size(); i++) {
      FleetTests.Sequence sequence = tests.all().get(i);
      Trial.Outcome outcome = outcomes.get(i);
      answers.add(AnswerErrors.of(sequence.test(), outcome.answered()));
      double[][] exact = sequence.test().exact();
      squares.put(
          sequence.number(),
          new Squares(
              Math.pow(Errors.distance(outcome.answered().outputs(), exact), 2),
              Math.pow(Errors.norm(exact), 2)));
    }
    AnswerErrors errors = AnswerErrors.join(answers);
    return new FleetScore(
        outcomes.stream().mapToLong(Trial.Outcome::stateBytes).average().orElseThrow(),
        outcomes.stream().mapToLong(Trial.Outcome::stateBytes).max().orElseThrow(),
        outcomes.stream().mapToLong(Trial.Outcome::sharedBytes).max().orElseThrow(),
        outcomes.stream().mapToDouble(outcome -> outcome.exact() ? 1 : 0).average().orElseThrow(),
        Numbers.median(tests.tokens()),
        Numbers.median(errors.actual()),
        Numbers.quantile(errors.actual(), 0.95),
        errors.coverage(),
        median(outcomes, Trial.Outcome::foldMicros),
        median(outcomes, Trial.Outcome::queryMicros),
        squares);
  }

  private static double median(
      List<Trial.Outcome> outcomes, ToDoubleFunction<Trial.Outcome> number) {
    return Numbers.median(outcomes.stream().mapToDouble(number).toArray());
  }

  /** Returns relF over all queries of all sequences. */
  double relF() {
    return squares.values().stream().reduce(Squares.NONE, Squares::plus).relF();
  }

  /** Returns relF of each sequence. */
  double[] relFs() {
    return squares.values().stream().mapToDouble(Squares::relF).toArray();
  }
}
