// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The bootstrap: how much a number would vary if its samples were drawn again. */
public final class Bootstrap {
  private static final int DRAWS = 400;
  private static final long SEED = 1;

  private Bootstrap() {}

  /**
   * An interval.
   *
   * @param low 5 % quantile
   * @param high 95 % quantile
   */
  public record Interval(double low, double high) {}

  /**
   * Returns the interval of a number over draws with replacement. The draws are the same in every
   * call with the same count.
   *
   * @param count number of samples
   * @param number maps the indices of drawn samples, {@code count} from 0 to {@code count - 1}, to
   *     the number
   */
  public static Interval interval(int count, ToDoubleFunction<int[]> number) {
    Random random = new Random(SEED);
    double[] numbers =
        DoubleStream.generate(() -> number.applyAsDouble(random.ints(count, 0, count).toArray()))
            .limit(DRAWS)
            .toArray();
    return new Interval(Numbers.quantile(numbers, 0.05), Numbers.quantile(numbers, 0.95));
  }
}
