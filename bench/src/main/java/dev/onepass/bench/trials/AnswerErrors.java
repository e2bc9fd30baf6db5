package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.methods.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How far each answer is off, and how far it is said to be. For outputs both are relative to |t|,
 * but at least to 1e-6 of rms|v|.
 *
 * @param actual |y - t| of each answer
 * @param stated the bound it carries, and what rounding may add to it; NaN where none is stated
 */
public record AnswerErrors(double[] actual, double[] stated) {

  /** Below this share of rms|v| an answer counts as none. */
  private static final double NO_ANSWER = 1e-6;

  /** What rounding may add to an error, as a share of rms|v|: exact answers are floats too. */
  private static final double ROUNDING = 1e-5;

  /** Compares answers with the exact ones. */
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
   * Compares log-normalizers with the exact ones: the errors are differences of logarithms. A
   * method that tells none states none.
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

  /** The answers of several runs. */
  public static AnswerErrors join(List<AnswerErrors> runs) {
    return new AnswerErrors(all(runs, AnswerErrors::actual), all(runs, AnswerErrors::stated));
  }

  private static double[] all(List<AnswerErrors> runs, Function<AnswerErrors, double[]> part) {
    return runs.stream().map(part).flatMapToDouble(DoubleStream::of).toArray();
  }

  /** Whether any answer carries an error. */
  public boolean isStated() {
    return withStated().findAny().isPresent();
  }

  /** Share of answers whose error is within the stated one; NaN where none is stated. */
  public double coverage() {
    return withStated()
        .mapToDouble(q -> actual[q] <= stated[q] ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  /** Stated errors of the answers that carry one. */
  public double[] statedOnes() {
    return withStated().mapToDouble(q -> stated[q]).toArray();
  }

  /** Actual errors as a share of the stated ones. */
  public double[] ratios() {
    return withStated().mapToDouble(q -> actual[q] / stated[q]).toArray();
  }

  /**
   * The same in groups of about as many answers each, by the stated error. Where the 90 % quantile
   * of the actual error meets the stated one, in every group, the statement holds for 90 % of the
   * answers whatever it says.
   *
   * @param groups at most so many
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
              return new Group(
                  Numbers.median(some(stated, order, from, to)),
                  Numbers.quantile(some(actual, order, from, to), 0.9));
            })
        .toList();
  }

  private static double[] some(double[] of, int[] order, int from, int to) {
    return IntStream.range(from, to).mapToDouble(i -> of[order[i]]).toArray();
  }

  private IntStream withStated() {
    return IntStream.range(0, actual.length).filter(q -> !Double.isNaN(stated[q]));
  }

  /**
   * Answers that carry about the same error.
   *
   * @param stated its median
   * @param actual90 the error that 90 % of them stay below
   */
  public record Group(double stated, double actual90) {}
}
