package dev.onepass.bench.accuracy;

import dev.onepass.bench.measure.Numbers;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How well a method did.
 *
 * @param stateBytes of the serialized state after the last token or query
 * @param median of |y - t| / |t| over queries
 * @param p95 95 % quantile of the same
 * @param relF |Y - T|_F / |T|_F
 * @param coverage90 share of answers whose error is within the stated one; NaN where none is stated
 * @param foldMicros microseconds a token
 * @param queryMicros microseconds a query
 */
public record Score(
    long stateBytes,
    double median,
    double p95,
    double relF,
    double coverage90,
    double foldMicros,
    double queryMicros) {

  /** Below this share of rms|v| an answer counts as none. */
  private static final double NO_ANSWER = 1e-6;

  /** What rounding may add to an error, as a share of rms|v|: exact answers are floats too. */
  private static final double ROUNDING = 1e-5;

  /** Compares answers with the exact ones. */
  static Score of(
      TestSet test,
      Method.Answered answered,
      long stateBytes,
      double foldMicros,
      double queryMicros) {
    double[] relative = new double[test.exact().length];
    double wrong = 0;
    double all = 0;
    int stated = 0;
    int within = 0;
    for (int q = 0; q < relative.length; q++) {
      double difference = 0;
      double size = 0;
      for (int c = 0; c < test.exact()[q].length; c++) {
        double t = test.exact()[q][c];
        difference += Math.pow(answered.outputs()[q][c] - t, 2);
        size += t * t;
      }
      wrong += difference;
      all += size;
      double against = Math.max(Math.sqrt(size), NO_ANSWER * test.valueSize());
      relative[q] = Math.sqrt(difference) / against;
      float error = answered.errors()[q];
      if (!Float.isNaN(error)) {
        stated++;
        double allowed = error * against + ROUNDING * test.valueSize();
        within += Math.sqrt(difference) <= allowed ? 1 : 0;
      }
    }
    return new Score(
        stateBytes,
        Numbers.median(relative),
        Numbers.quantile(relative, 0.95),
        Math.sqrt(wrong / all),
        stated == 0 ? Double.NaN : (double) within / stated,
        foldMicros,
        queryMicros);
  }

  /** The mean of each number over several runs; of the bytes, the most. */
  public static Score mean(List<Score> runs) {
    return new Score(
        runs.stream().mapToLong(Score::stateBytes).max().orElseThrow(),
        mean(runs, Score::median),
        mean(runs, Score::p95),
        mean(runs, Score::relF),
        mean(runs, Score::coverage90),
        mean(runs, Score::foldMicros),
        mean(runs, Score::queryMicros));
  }

  private static double mean(List<Score> runs, ToDoubleFunction<Score> number) {
    return runs.stream().mapToDouble(number).average().orElseThrow();
  }
}
