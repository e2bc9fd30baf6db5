// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.methods.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * True and stated errors of answers. For outputs both are relative to |t|, but at least to 1e-6 of
 * rms|v|.
 *
 * @param actual |y - t| of each answer
 * @param stated stated error of each answer, plus a margin for rounding; NaN if none is stated
 */
public record AnswerErrors(double[] actual, double[] stated) {

  /** Lower limit of |t| as a share of rms|v|. */
  private static final double NO_ANSWER = 1e-6;

  /** Margin for rounding as a share of rms|v|, because exact answers are floats too. */
  private static final double ROUNDING = 1e-5;

  /** Compares answers with the exact answers. */
  public static AnswerErrors of(TestSet test, Method.Answered answered) {
    int count = test.exact().length;
    double[] actual = new double[count];
    double[] stated = new double[count];
    for (int q = 0; q < count; q++) {
      double difference = 0;
      double size = 0;
      for (int c = 0; c < test.exact()[q].length; c++) {
        double t = test.exact()[q][c];
        difference += Math.pow(answered.outputs()[q][c] - t, 2);
        size += t * t;
      }
      double against = Math.max(Math.sqrt(size), NO_ANSWER * test.valueSize());
      actual[q] = Math.sqrt(difference) / against;
      stated[q] = answered.errors()[q] + ROUNDING * test.valueSize() / against;
    }
    return new AnswerErrors(actual, stated);
  }

  /**
   * Compares log-normalizers with the exact ones. Errors are differences of logarithms. A method
   * without log-normalizers states no errors.
   */
  public static AnswerErrors ofLogNormalizers(TestSet test, Method.Answered answered) {
    int count = test.exact().length;
    double[] actual = new double[count];
    double[] stated = new double[count];
    if (answered.logNormalizers() == null) {
      Arrays.fill(actual, Double.NaN);
      Arrays.fill(stated, Double.NaN);
      return new AnswerErrors(actual, stated);
    }
    for (int q = 0; q < count; q++) {
      actual[q] = Math.abs(answered.logNormalizers()[q] - test.logNormalizers()[q]);
      stated[q] = answered.logNormalizerErrors()[q];
    }
    return new AnswerErrors(actual, stated);
  }

  /** Merges the answers of several runs. */
  public static AnswerErrors join(List<AnswerErrors> runs) {
    return new AnswerErrors(all(runs, AnswerErrors::actual), all(runs, AnswerErrors::stated));
  }

  private static double[] all(List<AnswerErrors> runs, Function<AnswerErrors, double[]> part) {
    return runs.stream().map(part).flatMapToDouble(DoubleStream::of).toArray();
  }

  /** Returns some of the answers, by their places. */
  public AnswerErrors only(int[] places) {
    return new AnswerErrors(some(actual, places), some(stated, places));
  }

  /** Returns the answers that state an error. */
  public AnswerErrors onlyStated() {
    return only(withStated().toArray());
  }

  /** Returns the share of the answers that state no error. */
  public double unstatedShare() {
    return 1 - (double) withStated().count() / actual.length;
  }

  /** Returns whether any answer states an error. */
  public boolean isStated() {
    return withStated().findAny().isPresent();
  }

  /**
   * Returns the share of answers whose true error is within the stated error; NaN if none is
   * stated.
   */
  public double coverage() {
    return withStated()
        .mapToDouble(q -> actual[q] <= stated[q] ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  /** Returns true errors divided by stated errors. */
  public double[] ratios() {
    return withStated().mapToDouble(q -> actual[q] / stated[q]).toArray();
  }

  /**
   * Returns groups of about equally many answers, by stated error. If the 90 % quantile of the true
   * error equals the stated error in every group, stated errors of any size hold for 90 % of the
   * answers.
   *
   * @param groups maximum number of groups
   */
  public List<Group> groups(int groups) {
    int[] order =
        withStated()
            .boxed()
            .sorted((a, b) -> Double.compare(stated[a], stated[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    return IntStream.range(0, Math.min(groups, order.length))
        .mapToObj(
            g -> {
              int from = (int) ((long) g * order.length / Math.min(groups, order.length));
              int to = (int) ((g + 1L) * order.length / Math.min(groups, order.length));
              AnswerErrors group = only(Arrays.copyOfRange(order, from, to));
              return new Group(Numbers.median(group.stated), Numbers.quantile(group.actual, 0.9));
            })
        .toList();
  }

  private static double[] some(double[] of, int[] places) {
    return IntStream.of(places).mapToDouble(place -> of[place]).toArray();
  }

  private IntStream withStated() {
    return IntStream.range(0, actual.length).filter(q -> !Double.isNaN(stated[q]));
  }

  /**
   * Answers with about the same stated error.
   *
   * @param stated median of the stated error
   * @param actual90 90 % quantile of the true error
   */
  public record Group(double stated, double actual90) {}
}
