// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The score of a method.
 *
 * @param stateBytes bytes of the serialized state after the last token or query
 * @param sharedBytes bytes that all sequences of the head share
 * @param median median of |y - t| / |t| over queries
 * @param p95 95 % quantile of |y - t| / |t|
 * @param relF |Y - T|_F / |T|_F
 * @param coverage90 share of answers whose true error is within the stated error; NaN if none is
 *     stated
 * @param foldMicros microseconds per token
 * @param queryMicros microseconds per query
 */
public record Score(
    long stateBytes,
    long sharedBytes,
    double median,
    double p95,
    double relF,
    double coverage90,
    double foldMicros,
    double queryMicros) {

  /** Compares answers with the exact answers. */
  public static Score of(TestSet test, Trial.Outcome outcome) {
    AnswerErrors errors = AnswerErrors.of(test, outcome.answered());
    return new Score(
        outcome.stateBytes(),
        outcome.sharedBytes(),
        Numbers.median(errors.actual()),
        Numbers.quantile(errors.actual(), 0.95),
        Errors.relative(outcome.answered().outputs(), test.exact()),
        errors.coverage(),
        outcome.foldMicros(),
        outcome.queryMicros());
  }

  /** Returns the mean of each number over several runs, and the maximum of bytes. */
  public static Score mean(List<Score> runs) {
    return new Score(
        most(runs, Score::stateBytes),
        most(runs, Score::sharedBytes),
        mean(runs, Score::median),
        mean(runs, Score::p95),
        mean(runs, Score::relF),
        mean(runs, Score::coverage90),
        mean(runs, Score::foldMicros),
        mean(runs, Score::queryMicros));
  }

  private static long most(List<Score> runs, ToLongFunction<Score> number) {
    return runs.stream().mapToLong(number).max().orElseThrow();
  }

  private static double mean(List<Score> runs, ToDoubleFunction<Score> number) {
    return runs.stream().mapToDouble(number).average().orElseThrow();
  }
}
