// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.wire.Preamble;
import org.junit.jupiter.api.Test;

class WeightExponentTest {

  private static TokenBlock block(long exponent, double bias) {
    TokenBlock one = TokenBlock.of(1, 1, 1, new float[] {1}, new float[] {1});
    return one.weighted(exponent, j -> bias);
  }

  @Test
  void weightsOfOneLeaveItUnweighted() {
    WeightExponent exponent = new WeightExponent();
    assertThat(exponent.raiseTo(block(0, 0), true)).isZero();
    assertThat(exponent.raiseTo(new TokenBlock(1, 1, 0).withExponent(9), false)).isZero();
    assertThat(exponent.isWeighted()).isFalse();
    assertThat(exponent.value()).isZero();
  }

  @Test
  void itRisesAndNeverFallsOnceThereAreSums() {
    WeightExponent exponent = new WeightExponent();
    assertThat(exponent.raiseTo(block(-100, -0.5), true)).as("no sums to multiply").isZero();
    assertThat(exponent.value()).isEqualTo(-100);
    assertThat(exponent.isWeighted()).isTrue();
    assertThat(exponent.raiseTo(block(-90, 0), false)).isEqualTo(-10);
    assertThat(exponent.raiseTo(block(-95, 0), false)).isZero();
    assertThat(exponent.value()).isEqualTo(-90);
    assertThat(exponent.powerFrom(-95)).isEqualTo(-5);
    WeightExponent other = new WeightExponent(new Preamble(1, 1, 1, 1, true, 1L << 60));
    assertThat(exponent.raiseTo(other, false)).as("limited").isEqualTo(-3000);
    assertThat(other.powerFrom(-(1L << 60))).isEqualTo(-3000);
  }

  @Test
  void sumsAreMultipliedByPowersOfTwo() {
    float[] floats = {3, -0.1f, Float.MAX_VALUE, Float.MIN_VALUE};
    WeightExponent.scale(floats, -1);
    assertThat(floats).containsExactly(1.5f, -0.05f, Float.MAX_VALUE / 2, 0);
    double[] doubles = {3, -0.1, Double.MAX_VALUE};
    WeightExponent.scale(doubles, -3);
    assertThat(doubles).containsExactly(0.375, -0.1 / 8, Double.MAX_VALUE / 8);
    WeightExponent.scale(floats, -3000);
    WeightExponent.scale(doubles, -3000);
    assertThat(floats).containsOnly(0f, -0f);
    assertThat(doubles).containsOnly(0.0, -0.0);
  }
}
