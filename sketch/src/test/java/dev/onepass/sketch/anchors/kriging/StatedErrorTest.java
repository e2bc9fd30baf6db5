// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatedErrorTest {

  private static final int LEFT_OUT = 64;

  /** A quarter of the deviations are at most 0.05, the others are larger. */
  private static final double[] DEVIATIONS =
      IntStream.range(0, LEFT_OUT).mapToDouble(w -> w < 16 ? 0.05 : 0.1).toArray();

  private final Random random = new Random(5);

  private double[] drawn() {
    return IntStream.range(0, LEFT_OUT)
        .mapToDouble(w -> Math.abs(random.nextGaussian()) * DEVIATIONS[w])
        .toArray();
  }

  @Test
  void coversNineOfTenLeftOutAnchors() {
    double[] errors = drawn();
    StatedError stated = stated(DEVIATIONS, errors);
    long covered =
        IntStream.range(0, LEFT_OUT)
            .filter(w -> errors[w] <= stated.at(DEVIATIONS[w]) * (1 + 1e-12))
            .count();
    assertThat(covered).isEqualTo(58);
  }

  @Test
  void growsLinearlyNearTheAnchorsAndQuadraticallyBeyond() {
    StatedError stated = stated(DEVIATIONS, drawn());
    double atTheRim = stated.at(0.05);
    assertThat(atTheRim).isPositive();
    assertThat(stated.at(0.01)).isCloseTo(atTheRim / 5, within(1e-12));
    assertThat(stated.at(0.1)).isCloseTo(4 * atTheRim, within(1e-12));
    assertThat(stated.at(1)).isCloseTo(400 * atTheRim, within(1e-9));
  }

  @Test
  void statesZeroWithoutErrors() {
    assertThat(stated(DEVIATIONS, new double[LEFT_OUT]).at(0.5)).isZero();
  }

  @Test
  void statesNaNWithoutLeftOutAnchors() {
    assertThat(stated(new double[0], new double[0]).at(0.5)).isNaN();
  }

  @Test
  void oneLeftOutAnchorIsEnough() {
    assertThat(stated(new double[] {0.1}, new double[] {0.02}).at(0.1))
        .isCloseTo(0.02, within(1e-12));
  }

  private static StatedError stated(double[] deviations, double[] errors) {
    return new StatedError(deviations, StatedError.referenceDeviation(deviations), errors);
  }
}
