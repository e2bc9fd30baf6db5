// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.methods.Method;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnswerErrorsTest {
  private static final AnswerErrors SOME =
      new AnswerErrors(new double[] {0.1, 0.3, 0.2, 9}, new double[] {0.2, 0.2, 0.2, Double.NaN});

  @Test
  void onlyAnswersWithAStatedErrorCount() {
    assertThat(SOME.isStated()).isTrue();
    assertThat(SOME.coverage()).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(Numbers.median(SOME.ratios())).isCloseTo(1, within(1e-12));
    assertThat(SOME.onlyStated().stated()).containsExactly(0.2, 0.2, 0.2);
    assertThat(SOME.onlyStated().actual()).containsExactly(0.1, 0.3, 0.2);
    assertThat(SOME.only(new int[] {3, 0}).actual()).containsExactly(9, 0.1);
    assertThat(SOME.unstatedShare()).isEqualTo(0.25);
    AnswerErrors none = new AnswerErrors(new double[] {1}, new double[] {Double.NaN});
    assertThat(none.isStated()).isFalse();
    assertThat(none.coverage()).isNaN();
    assertThat(none.groups(10)).isEmpty();
    assertThat(AnswerErrors.join(List.of(SOME, none, SOME)).ratios()).hasSize(6);
  }

  @Test
  void errorsAreRelativeAndLeaveRoomForRounding() {
    TestSet test =
        new TestSet(
            new QueryBlock(new float[1], 1, 1, 1), new double[][] {{3, 4}}, new double[] {7}, 2);
    AnswerErrors errors =
        AnswerErrors.of(test, new Method.Answered(new float[][] {{3, 5}}, new float[] {0.25f}));
    assertThat(errors.actual()[0]).isCloseTo(0.2, within(1e-12));
    assertThat(errors.stated()[0]).isCloseTo(0.25 + 1e-5 * 2 / 5, within(1e-12));
  }

  @Test
  void groupsFollowTheStatedError() {
    Random random = new Random(7);
    double[] stated = random.doubles(10_000, 0.01, 1).toArray();
    double[] actual = stated.clone();
    for (int q = 0; q < actual.length; q++) {
      // Uniform up to stated / 0.9, so nine in ten lie below the stated error.
      actual[q] *= random.nextDouble() / 0.9;
    }
    AnswerErrors errors = new AnswerErrors(actual, stated);
    assertThat(errors.coverage()).isCloseTo(0.9, within(0.01));
    assertThat(Numbers.quantile(errors.ratios(), 0.9)).isCloseTo(1, within(0.02));
    List<AnswerErrors.Group> groups = errors.groups(10);
    assertThat(groups).hasSize(10);
    for (int g = 0; g < 10; g++) {
      assertThat(groups.get(g).stated()).isCloseTo(0.01 + 0.099 * (g + 0.5), within(0.02));
    }
    assertThat(groups.subList(3, 10))
        .allMatch(group -> Math.abs(group.actual90() / group.stated() - 1) < 0.15);
    assertThat(SOME.groups(10)).hasSize(3);
  }
}
