// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.numerics.RandomRounding;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearStateTest {

  @Test
  void roundingGivesOneOfTheTwoNeighboursAndIsRightOnAverage() {
    Random random = new Random(3);
    for (double x : new double[] {1 + 0x1p-25, -1000.0001, 1e-20 / 3, 1e37 / 7}) {
      float below = Math.min((float) x, (float) x > x ? Math.nextDown((float) x) : (float) x);
      float above = Math.nextUp(below);
      double sum = 0;
      int n = 100_000;
      for (int i = 0; i < n; i++) {
        float rounded = RandomRounding.round(x, random.nextLong());
        assertThat(rounded).isBetween(below, above);
        sum += (rounded - x) / ((double) above - below);
      }
      // The standard deviation of the mean is at most 0.5 / sqrt(n) = 0.0016 spacings.
      assertThat(sum / n).isCloseTo(0, within(0.008));
    }
  }

  @Test
  void floatsAreRoundedToThemselvesAndTheRestSaturates() {
    Random random = new Random(4);
    for (int i = 0; i < 1000; i++) {
      float x = (float) random.nextGaussian() * 1e10f;
      assertThat(RandomRounding.round(x, random.nextLong())).isEqualTo(x);
      assertThat(RandomRounding.round(1e39, random.nextLong())).isEqualTo(Float.MAX_VALUE);
      assertThat(RandomRounding.round(-1e300, random.nextLong())).isEqualTo(-Float.MAX_VALUE);
      assertThat(RandomRounding.round(Math.nextDown((double) Float.MAX_VALUE), random.nextLong()))
          .isLessThanOrEqualTo(Float.MAX_VALUE);
    }
  }

  /**
   * With rounding to nearest, 1e6 additions of 0.1 to a float end 1 % off. With random rounding,
   * the error of m additions is a random walk. Its steps are less than one unit in the last place,
   * 2^-23 of the sum, so the error is about sqrt(m / 3) / 2 units, here 3.4e-5. Three times that is
   * allowed.
   */
  @Test
  void longSumsOfEqualTermsDoNotDrift() {
    LinearState state = new LinearState(1, 1);
    int m = 1_000_000;
    for (int i = 1; i <= m; i++) {
      state.fold(new float[] {1}, new float[] {0.1f}, 1, i);
    }
    assertThat(state.s()[0]).as("whole numbers below 2^24 are floats").isEqualTo(m);
    assertThat(products(state, 1, 1)[0] / (0.1f * (double) m)).isCloseTo(1, within(1e-4));
  }

  @Test
  void sumsSaturateInsteadOfOverflowing() {
    LinearState state = new LinearState(2, 1);
    for (int i = 0; i < 10; i++) {
      state.fold(new float[] {3e38f, -3e38f}, new float[] {1}, 1, i);
    }
    assertThat(state.s()[0]).isEqualTo(Float.MAX_VALUE);
    assertThat(state.s()[1]).isEqualTo(-Float.MAX_VALUE);
    assertThat(products(state, 2, 1)).containsExactly(Float.MAX_VALUE, -Float.MAX_VALUE);
  }

  @Test
  void equalFoldsMakeEqualSums() {
    double[] first = longFold();
    assertThat(Arrays.equals(first, longFold())).isTrue();
  }

  private static double[] longFold() {
    Random random = new Random(8);
    LinearState state = new LinearState(3, 2);
    for (int i = 0; i < 1000; i++) {
      float[] features = {1, random.nextFloat(), random.nextFloat()};
      state.fold(features, new float[] {random.nextFloat(), -1}, 1, i);
    }
    return products(state, 3, 2);
  }

  /** Returns U2' V, column by column. */
  private static double[] products(LinearState state, int rows, int valueDim) {
    double[] products = new double[rows * valueDim];
    for (int c = 0; c < valueDim; c++) {
      double[] column = new double[rows];
      state.product(c, column);
      System.arraycopy(column, 0, products, c * rows, rows);
    }
    return products;
  }
}
