package dev.onepass.bench.sizing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Which sequences tokens are for: the i-th of the active ones takes a share in proportion to
 * i^-exponent (Zipf's law), tokens come at random.
 *
 * @param sequences active ones
 * @param exponent of the law, 0 for equal ones
 * @param tokensPerSecond of all together
 */
public record Activity(long sequences, double exponent, double tokensPerSecond) {
  private static final int SINGLE = 1_000;
  private static final double GROWTH = 1.01;

  /** Sequences of nearly the same rate. */
  record Group(double sequences, double rate) {}

  /** What is in proportion to the share of the i-th sequence, from 1. */
  double weight(long i) {
    return exponent == 0 ? 1 : Math.pow(i, -exponent);
  }

  /** The most frequent sequences each alone, the others in groups that grow by a hundredth. */
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

  /** Of x^-exponent. */
  private double integral(double x) {
    return exponent == 1 ? Math.log(x) : Math.pow(x, 1 - exponent) / (1 - exponent);
  }

  /** The sum over all active sequences of a function of their rate in tokens a second. */
  double sum(DoubleUnaryOperator ofRate) {
    double sum = 0;
    for (Group group : groups()) {
      sum += group.sequences() * ofRate.applyAsDouble(group.rate());
    }
    return sum;
  }
}
