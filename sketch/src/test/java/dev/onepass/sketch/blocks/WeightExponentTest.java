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
    WeightExponent none = WeightExponent.NONE;
    assertThat(none.with(block(0, 0), true)).isEqualTo(none);
    assertThat(none.with(new TokenBlock(1, 1, 0).withExponent(9), false)).isEqualTo(none);
    assertThat(none.with(none, false, false)).isEqualTo(none);
    assertThat(none.isWeighted()).isFalse();
    assertThat(none.value()).isZero();
  }

  @Test
  void itRisesAndNeverFallsOnceThereAreSums() {
    WeightExponent first = WeightExponent.NONE.with(block(-100, -0.5), true);
    assertThat(first).isEqualTo(new WeightExponent(true, -100));
    WeightExponent second = first.with(block(-90, 0), false);
    assertThat(second.value()).isEqualTo(-90);
    assertThat(first.halvingsTo(second)).isEqualTo(10);
    assertThat(second.powerFrom(first.value())).isEqualTo(-10);
    assertThat(second.with(block(-95, 0), false)).isEqualTo(second);
    assertThat(second.with(block(-95, 0), true).value()).as("without sums").isEqualTo(-95);
    assertThat(WeightExponent.NONE.with(block(-100, 0), false).value())
        .as("next to sums of weights of 1")
        .isZero();
  }

  @Test
  void theSumOfTwoSketchesHasTheLargerExponent() {
    WeightExponent low = new WeightExponent(true, -7);
    WeightExponent high = WeightExponent.of(new Preamble(1, 1, 1, 1, true, 1L << 60));
    assertThat(high.value()).isEqualTo(1L << 60);
    assertThat(low.with(high, false, false)).isEqualTo(high);
    assertThat(high.with(low, false, false)).isEqualTo(high);
    assertThat(high.with(low, true, false)).as("this one has no sums").isEqualTo(low);
    assertThat(low.with(high, false, true)).as("the other one has no sums").isEqualTo(low);
    assertThat(low.with(WeightExponent.NONE, false, false)).isEqualTo(new WeightExponent(true, 0));
    assertThat(WeightExponent.NONE.with(low, false, false)).isEqualTo(new WeightExponent(true, 0));
    assertThat(low.halvingsTo(high)).isEqualTo((1L << 60) + 7);
    assertThat(high.powerFrom(-(1L << 60))).as("limited").isEqualTo(-3000);
    assertThat(low.powerFrom(1L << 60)).as("limited").isEqualTo(3000);
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
