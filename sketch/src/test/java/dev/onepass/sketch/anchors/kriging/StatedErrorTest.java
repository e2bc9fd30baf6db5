// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatedErrorTest {

  /** Left-out anchors on a line, each with its two neighbours. */
  private static final int LEFT_OUT = 200;

  private static final double OPTIMISM = 1.05;

  private final Random random = new Random(5);

  private static Surroundings onALine(double[] deviations) {
    int n = deviations.length;
    int[] neighbours = new int[2 * n];
    for (int w = 0; w < n; w++) {
      neighbours[2 * w] = w == 0 ? 1 : w - 1;
      neighbours[2 * w + 1] = w == n - 1 ? n - 2 : w + 1;
    }
    return new Surroundings(deviations, neighbours);
  }

  private static Surroundings at(double deviation, int... neighbours) {
    return new Surroundings(new double[] {deviation}, neighbours);
  }

  private double[] deviations() {
    return random.doubles(LEFT_OUT, 0.01, 0.2).toArray();
  }

  private double[] errors(double[] deviations) {
    return Arrays.stream(deviations).map(d -> d * Math.abs(random.nextGaussian())).toArray();
  }

  /** Nine of ten, by the rank that a further draw needs: ceil(0.9 (n + 1)). */
  @Test
  void coversNineOfTenLeftOutAnchors() {
    double[] deviations = deviations();
    double[] errors = errors(deviations);
    Surroundings leftOut = onALine(deviations);
    StatedError stated = new StatedError(leftOut, errors);
    double limit = (1 + 1e-12) / OPTIMISM;
    long covered =
        IntStream.range(0, LEFT_OUT)
            .filter(w -> errors[w] <= stated.at(leftOut, w) * limit)
            .count();
    assertThat(covered).isEqualTo(181);
  }

  /** Three quarters of the deviations are at most 0.05, the others are larger. */
  @Test
  void growsLinearlyNearTheAnchorsAndCubicallyBeyond() {
    double[] deviations = new double[LEFT_OUT];
    Arrays.setAll(deviations, w -> w % 4 > 0 ? 0.05 : 0.1);
    StatedError stated = new StatedError(onALine(deviations), errors(deviations));
    double atTheRim = stated.at(at(0.05, 7, 8), 0);
    assertThat(atTheRim).isPositive();
    assertThat(stated.at(at(0.01, 7, 8), 0)).isCloseTo(atTheRim / 5, within(1e-12));
    assertThat(stated.at(at(0.1, 7, 8), 0)).isCloseTo(8 * atTheRim, within(1e-12));
    assertThat(stated.at(at(1, 7, 8), 0)).isCloseTo(8_000 * atTheRim, within(1e-8));
  }

  /** One half of the line is missed ten times as far as the other. */
  @Test
  void isLargerWhereNeighboursAreMissed() {
    double[] deviations = new double[LEFT_OUT];
    Arrays.fill(deviations, 0.1);
    double[] errors = errors(deviations);
    for (int w = 0; w < LEFT_OUT / 2; w++) {
      errors[w] *= 10;
    }
    StatedError stated = new StatedError(onALine(deviations), errors);
    double hard = 0;
    double easy = 0;
    for (int w = 1; w < 90; w++) {
      hard += stated.at(at(0.1, w, w + 1), 0);
      easy += stated.at(at(0.1, w + 100, w + 101), 0);
    }
    assertThat(hard / easy).isBetween(1.2, 3.0);
  }

  @Test
  void statesZeroWithoutErrors() {
    double[] deviations = deviations();
    StatedError stated = new StatedError(onALine(deviations), new double[LEFT_OUT]);
    assertThat(stated.at(at(0.5, 3, 4), 0)).isZero();
  }

  @Test
  void statesNaNWithoutLeftOutAnchors() {
    StatedError stated =
        new StatedError(new Surroundings(new double[0], new int[0]), new double[0]);
    assertThat(stated.at(at(0.5), 0)).isNaN();
  }

  @Test
  void oneLeftOutAnchorIsEnough() {
    StatedError stated = new StatedError(at(0.1), new double[] {0.02});
    assertThat(stated.at(at(0.1, 0), 0)).isCloseTo(OPTIMISM * 0.02, within(1e-12));
  }

  /** Too few numbers for a rank of 90 % leave the largest. */
  @Test
  void fewLeftOutAnchorsStateTheirLargestError() {
    StatedError stated =
        new StatedError(
            new Surroundings(new double[] {1, 1, 1}, new int[0]), new double[] {3, 1, 2});
    assertThat(stated.at(at(1), 0)).isCloseTo(OPTIMISM * 3, within(1e-12));
  }
}
