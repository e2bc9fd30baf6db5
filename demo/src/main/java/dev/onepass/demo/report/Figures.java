// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Reply;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Statistics of the answers to some queries.
 *
 * @param asked query records
 * @param answered number of them that were answered
 * @param median median relative error of the query vectors; this and the next two are NaN without
 *     answers
 * @param p95 95th percentile of the relative error
 * @param worst largest relative error
 * @param withinStated share of the vectors with a stated error whose true error is at most that;
 *     empty if no error is stated or all answers are exact
 * @param beyondBound mean share of logits beyond the bound of the sketch; empty without a bound
 * @param exact whether the job marks all answers as exact
 */
record Figures(
    int asked,
    int answered,
    double median,
    double p95,
    double worst,
    OptionalDouble withinStated,
    OptionalDouble beyondBound,
    boolean exact) {

  /**
   * Computes the figures of some queries.
   *
   * @param answers by the ids of the questions
   * @param errors relative errors of the vectors of each answer, by the ids of the questions
   */
  static Figures of(
      List<Question> questions, Map<String, Reply.Answer> answers, Map<String, double[]> errors) {
    List<Reply.Answer> given =
        questions.stream()
            .map(question -> answers.get(question.id()))
            .filter(Objects::nonNull)
            .toList();
    double[] sorted =
        given.stream()
            .map(answer -> errors.getOrDefault(answer.queryId(), new double[0]))
            .flatMapToDouble(Arrays::stream)
            .sorted()
            .toArray();
    OptionalDouble within =
        given.stream()
            .filter(answer -> !answer.exact())
            .flatMapToDouble(answer -> kept(answer, errors.get(answer.queryId())))
            .average();
    OptionalDouble beyond =
        given.stream()
            .map(Reply.Answer::beyondBound)
            .flatMapToDouble(
                shares -> shares == null ? DoubleStream.empty() : Arrays.stream(shares))
            .filter(share -> !Double.isNaN(share))
            .average();
    return new Figures(
        questions.size(),
        given.size(),
        quantile(sorted, 0.5),
        quantile(sorted, 0.95),
        quantile(sorted, 1),
        within,
        beyond,
        !given.isEmpty() && given.stream().allMatch(Reply.Answer::exact));
  }

  /** Returns, for each vector with a stated error, 1 if the true error is at most that, else 0. */
  private static DoubleStream kept(Reply.Answer answer, double[] errors) {
    DoubleStream.Builder kept = DoubleStream.builder();
    for (int i = 0; i < Math.min(errors.length, answer.error().length); i++) {
      if (!Double.isNaN(answer.error()[i])) {
        kept.add(errors[i] <= answer.error()[i] ? 1 : 0);
      }
    }
    return kept.build();
  }

  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted[(int) Math.ceil(share * (sorted.length - 1))];
  }
}
