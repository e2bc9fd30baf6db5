// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.sketch.api.Recovery;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private static final double[][] Y = {{3, 4}, {0, 12}};
  private static final double[][] NEAR = {{3, 5}, {0, 12}};

  @Test
  void norms() {
    assertThat(Errors.norm(Y)).isEqualTo(13);
    assertThat(Errors.distance(NEAR, Y)).isEqualTo(1);
    assertThat(Errors.relative(NEAR, Y)).isEqualTo(1.0 / 13);
    assertThat(Errors.medianRelative(NEAR, Y)).isEqualTo(0.1);
    assertThat(Errors.rootMeanSquare(NEAR, Y)).isCloseTo(Math.sqrt(0.5), within(1e-12));
    assertThat(Errors.rootMeanSquare(new float[] {3, 4, 0, 0, 9}, 2, 2))
        .isCloseTo(Math.sqrt(12.5), within(1e-12));
  }

  @Test
  void recoveredColumns() {
    Recovery recovery =
        new Recovery(
            2,
            List.of(
                new Recovery.Column(new long[] {0}, new float[] {3}, 3, 0.25),
                new Recovery.Column(new long[] {1}, new float[] {12}, 12, 0.5)));
    assertThat(Columns.errors(recovery, Y)).containsExactly(0, 4 / Math.sqrt(160));
    assertThat(Columns.estimates(recovery)).containsExactly(0.25, 0.5);
    assertThat(Columns.tails(Y, 1)).containsExactly(0, 4 / Math.sqrt(160));
    assertThat(Columns.centred(Y)).isDeepEqualTo(new double[][] {{1.5, -4}, {-1.5, 4}});
    assertThat(Columns.floats(Y)).isDeepEqualTo(new float[][] {{3, 4}, {0, 12}});
  }

  @Test
  void valuesAgainstOutputs() {
    Head head = new Head("h", 2, 1, 2, new float[2], new float[2], new float[] {6, 0, 0, 0}, 1);
    assertThat(Columns.valuesToOutputs(head, Y)).containsExactly(2, 0);
  }

  @Test
  void logitsAreCentred() {
    Head head = new Head("h", 2, 1, 1, new float[] {1, 2}, new float[] {10, 12}, new float[2], 0.5);
    Logits logits = Logits.sample(head, 100);
    // Mean key 11; logits are -0.5, 0.5, -1, 1.
    assertThat(Numbers.sortedQuantile(logits.sizes(), 1)).isEqualTo(1);
    assertThat(logits.within(0.5)).isEqualTo(0.5);
    assertThat(logits.within(0.4)).isZero();
    assertThat(logits.deviation()).isCloseTo(Math.sqrt(0.625), within(1e-12));
  }
}
