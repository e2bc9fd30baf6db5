// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The distribution of tokens over sequences: the share of the i-th active sequence is proportional
 * to i^-exponent (Zipf's law). Tokens arrive at random.
 *
 * @param sequences number of active sequences
 * @param exponent exponent of the law, 0 for equal shares
 * @param tokensPerSecond tokens per second of all sequences together
 */
public record Activity(long sequences, double exponent, double tokensPerSecond) {
  private static final int SINGLE = 1_000;
  private static final double GROWTH = 1.01;

  /** Sequences of nearly the same rate. */
  record Group(double sequences, double rate) {}

  /** Returns the weight of the i-th sequence, counted from 1. */
  double weight(long i) {
    return exponent == 0 ? 1 : Math.pow((double) i, -exponent);
  }

  /**
   * Returns the most frequent sequences alone, and the others in groups that grow by one percent.
   */
  List<Group> groups() {
    List<double[]> groups = new ArrayList<>();
    double all = 0;
    long from = 1;
    while (from <= sequences) {
      long to = from < SINGLE ? from : Math.min(sequences, (long) (from * GROWTH));
      double weight = from == to ? weight(from) : integral(to + 0.5) - integral(from - 0.5);
      groups.add(new double[] {to - from + 1, weight});
      all += weight;
      from = to + 1;
    }
    double rate = tokensPerSecond / all;
    return groups.stream().map(g -> new Group(g[0], g[1] * rate / g[0])).toList();
  }

  /** Returns the integral of x^-exponent. */
  private double integral(double x) {
    return exponent == 1 ? Math.log(x) : Math.pow(x, 1 - exponent) / (1 - exponent);
  }

  /** Returns the sum over all active sequences of a function of their rate in tokens per second. */
  double sum(DoubleUnaryOperator ofRate) {
    double sum = 0;
    for (Group group : groups()) {
      sum += group.sequences() * ofRate.applyAsDouble(group.rate());
    }
    return sum;
  }
}
