// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SecondMomentTest {

  private final Random random = new Random(51);

  private double[] vector(int d) {
    return random.doubles(d, -1, 1).toArray();
  }

  @Test
  void entriesByHand() {
    SecondMoment m = new SecondMoment(2);
    m.add(new double[] {1, 2}, 3);
    m.add(new double[] {0, 5}, -1);
    assertThat(m.get(0, 0)).isEqualTo(3);
    assertThat(m.get(0, 1)).isEqualTo(6).isEqualTo(m.get(1, 0));
    assertThat(m.get(1, 1)).isEqualTo(12 - 25);
    assertThat(m.trace()).isEqualTo(3 - 13);
    m.addSymmetricProduct(new double[] {1, 0}, new double[] {2, 7});
    assertThat(m.get(0, 0)).isEqualTo(7);
    assertThat(m.get(1, 0)).isEqualTo(13);
    assertThat(m.get(1, 1)).isEqualTo(-13);
    double[] product = new double[2];
    m.multiply(new double[] {1, 10}, product);
    assertThat(product).containsExactly(137, -117);
    // Two vectors with sum (2, 4): the mean (1, 2) has squares 1, 2, 4.
    SecondMoment covariance = m.covariance(new double[] {2, 4}, 2);
    assertThat(covariance.get(0, 0)).isEqualTo(2.5);
    assertThat(covariance.get(1, 0)).isEqualTo(4.5);
    assertThat(covariance.get(1, 1)).isEqualTo(-10.5);
  }

  /**
   * Well-conditioned: the ridge is 1 and entries are below 40, so 1e-12 is many times the rounding.
   */
  @Test
  void theFactorSolves() {
    int d = 23;
    SecondMoment m = new SecondMoment(d);
    double[] scale = new double[d];
    for (int j = 0; j < 40; j++) {
      m.add(vector(d), 1);
    }
    for (int i = 0; i < d; i++) {
      scale[i] = i == 4 ? 0 : 1 + random.nextDouble();
    }
    Cholesky factor = m.factor(scale, 1);
    double[] x = vector(d);
    double[] solved = x.clone();
    factor.solve(solved);
    double quadratic = 0;
    for (int i = 0; i < d; i++) {
      double back = solved[i];
      for (int l = 0; l < d; l++) {
        back += scale[i] * m.get(i, l) * scale[l] * solved[l];
      }
      assertThat(back).isCloseTo(x[i], within(1e-12));
      quadratic += x[i] * solved[i];
    }
    assertThat(solved[4]).as("left out but for the ridge").isCloseTo(x[4], within(1e-12));
    factor.solveLower(x);
    double squares = 0;
    for (double y : x) {
      squares += y * y;
    }
    assertThat(squares).isCloseTo(quadratic, within(1e-12));
  }

  /**
   * Rank 1 plus 2^-50: every exact pivot but the first is near 2^-50, less than the rounding of
   * entries of about 100. With pivots replaced by the least pivot, the solution keeps the ridge's
   * promise |x|^2 / ridge.
   */
  @Test
  void roundingDoesNotBreakTheFactor() {
    int d = 30;
    double ridge = 0x1p-50;
    SecondMoment m = new SecondMoment(d);
    double[] x = new double[d];
    for (int i = 0; i < d; i++) {
      x[i] = 10 + random.nextDouble();
    }
    m.add(x, 1);
    double[] ones = new double[d];
    Arrays.fill(ones, 1);
    Cholesky factor = m.factor(ones, ridge);
    double[] y = x.clone();
    factor.solveLower(y);
    double squares = 0;
    for (double c : y) {
      squares += c * c;
    }
    assertThat(squares).as("leverage of the only row").isBetween(0.9, 1.1);
  }

  @Test
  void bytesAreCheckedBeforeTheyAreUsed() {
    SecondMoment m = new SecondMoment(3);
    m.add(new double[] {1, 2, 3}, 1);
    WireWriter out = new WireWriter((int) SecondMoment.bytes(3));
    m.write(out);
    byte[] bytes = out.toByteArray();
    assertThat(bytes).hasSize(48);
    assertThat(SecondMoment.read(new WireReader(bytes), 3, 9).get(2, 2)).isEqualTo(9);
    assertThatThrownBy(() -> SecondMoment.read(new WireReader(bytes), 3, 8.9))
        .isInstanceOf(CorruptSketchException.class);
    assertThatThrownBy(() -> SecondMoment.read(new WireReader(bytes), 40_000, 9))
        .isInstanceOf(CorruptSketchException.class);
    assertThat(SecondMoment.bytes(1L << 40)).isEqualTo(Long.MAX_VALUE);
  }
}
