// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.report;

import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.demo.traffic.Plan;
import dev.onepass.demo.traffic.Plan.Question;
import dev.onepass.demo.traffic.Plan.Sequence;
import dev.onepass.demo.traffic.Reply;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.sequence.Decay;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compares answers with exact attention in double precision. */
public final class Comparison {
  private final Map<HeadName, HeadRows> rows;
  private final Decay decay;
  private final Map<Asked, double[]> truths = new ConcurrentHashMap<>();
  private final Map<Covered, double[]> ranges = new ConcurrentHashMap<>();

  private record Asked(String questionId, int tokens) {}

  private record Covered(Sequence sequence, int tokens) {}

  /**
   * @param decay how the weights of tokens decay in exact attention
   */
  public Comparison(Map<HeadName, HeadRows> rows, Decay decay) {
    this.rows = rows;
    this.decay = decay;
  }

  /**
   * Returns the relative errors |y - t| / |t| of one answer, where t is exact attention over the
   * tokens that the answer covers.
   *
   * @return one error for each query vector; infinite if the answer lacks the vector or lies
   *     outside the range of the sequence's values, which attention never does
   */
  double[] errors(Question question, Reply.Answer answer) {
    Sequence sequence = question.sequence();
    HeadRows head = rows.get(sequence.head());
    int dim = head.dim();
    int count = question.rows().length;
    double[] errors = new double[count];
    Arrays.fill(errors, Double.POSITIVE_INFINITY);
    if (answer.tokens() < 1 || answer.tokens() > sequence.tokens()) {
      return errors;
    }
    int tokens = (int) answer.tokens();
    double[] truth = exact(question, tokens);
    double[] range =
        ranges.computeIfAbsent(
            new Covered(sequence, tokens), covered -> range(head, sequence.firstRow(), tokens));
    for (int i = 0; i < Math.min(count, answer.outputs().length); i++) {
      if (isWithin(range, answer.outputs()[i])) {
        errors[i] = relative(answer.outputs()[i], truth, i * dim, dim);
      }
    }
    return errors;
  }

  /**
   * Returns exact attention over the first tokens of a question's sequence, at the time of the last
   * of them.
   *
   * @return one output after the other
   */
  double[] exact(Question question, int tokens) {
    return truths.computeIfAbsent(
        new Asked(question.id(), tokens), asked -> truth(question, tokens));
  }

  private double[] truth(Question question, int tokens) {
    HeadRows head = rows.get(question.sequence().head());
    int dim = head.dim();
    int count = question.rows().length;
    float[] queries = new float[count * dim];
    for (int i = 0; i < count; i++) {
      System.arraycopy(head.queries(), question.rows()[i] * dim, queries, i * dim, dim);
    }
    int firstRow = question.sequence().firstRow();
    return ExactAttention.attention(
            queries,
            count,
            from(head.keys(), firstRow, tokens, dim),
            from(head.values(), firstRow, tokens, dim),
            logWeights(tokens),
            tokens,
            dim,
            dim,
            1 / Math.sqrt(dim))
        .outputs();
  }

  private double[] logWeights(int tokens) {
    double[] logWeights = new double[tokens];
    if (decay.isOn()) {
      double step = decay.byTokens() ? 1 : Plan.TOKEN_MILLIS;
      Arrays.setAll(logWeights, j -> -Math.log(2) * (tokens - 1 - j) * step / decay.halfLife());
    }
    return logWeights;
  }

  /** Returns the minimum and the maximum of each coordinate, alternating. */
  private static double[] range(HeadRows head, int firstRow, int tokens) {
    int dim = head.dim();
    double[] range = new double[2 * dim];
    for (int i = 0; i < dim; i++) {
      range[2 * i] = Double.POSITIVE_INFINITY;
      range[2 * i + 1] = Double.NEGATIVE_INFINITY;
    }
    for (int at = firstRow * dim; at < (firstRow + tokens) * dim; at++) {
      int i = at % dim;
      range[2 * i] = Math.min(range[2 * i], head.values()[at]);
      range[2 * i + 1] = Math.max(range[2 * i + 1], head.values()[at]);
    }
    return range;
  }

  private static boolean isWithin(double[] range, double[] answer) {
    for (int i = 0; i < Math.min(answer.length, range.length / 2); i++) {
      // Rounding to floats may move an answer past a value by one part in 10 million.
      double slack = 1e-6 * Math.max(Math.abs(range[2 * i]), Math.abs(range[2 * i + 1]));
      if (!(answer[i] >= range[2 * i] - slack && answer[i] <= range[2 * i + 1] + slack)) {
        return false;
      }
    }
    return true;
  }

  private static float[] from(float[] array, int firstRow, int tokens, int dim) {
    // A long sequence starts at the first row, so only short sequences are copied.
    return firstRow == 0
        ? array
        : Arrays.copyOfRange(array, firstRow * dim, (firstRow + tokens) * dim);
  }

  private static double relative(double[] answer, double[] truth, int offset, int dim) {
    if (answer.length != dim) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < dim; i++) {
      difference += Math.pow(answer[i] - truth[offset + i], 2);
      norm += Math.pow(truth[offset + i], 2);
    }
    double error = Math.sqrt(difference / norm);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
