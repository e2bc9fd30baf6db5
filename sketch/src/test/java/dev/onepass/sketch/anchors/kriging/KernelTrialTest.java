// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.TestSets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KernelTrialTest {

  private static final Kernel SHORT = new Kernel(0.3, 0, 1e-4);
  private static final Kernel LONG = new Kernel(8, 0, 1e-4);

  private static final AnchorSet SET = TestSets.inABall(3);

  private final Random random = new Random(5);

  private KernelTrial.Best best(List<Kernel> kernels, double[] known) {
    return new KernelTrial(SET.embeddedAnchors(), kernels, SET.count()).best(known, 2, 1);
  }

  @Test
  void smoothValuesSelectTheLongKernelAtAnyIndex() {
    double[] known = new double[SET.count() * 2];
    for (int r = 0; r < SET.count(); r++) {
      known[r * 2] = SET.anchors()[r * 3] + 0.5 * SET.anchors()[r * 3 + 1];
      known[r * 2 + 1] = 1e6 * random.nextGaussian();
    }

    assertThat(best(List.of(SHORT, LONG), known).kernel()).isEqualTo(1);
    assertThat(best(List.of(LONG, SHORT), known).kernel()).isZero();
  }

  @Test
  void noiseSelectsTheShortKernel() {
    double[] known = new double[SET.count() * 2];
    for (int i = 0; i < known.length; i++) {
      known[i] = random.nextGaussian();
    }

    assertThat(best(List.of(LONG, SHORT), known).kernel()).isEqualTo(1);
  }

  @Test
  void extrapolatesTheErrorToManyAnchors() {
    Kernel medium = new Kernel(1.5, 0, 1e-4);
    int few = SET.count() / 3;
    double[] known = new double[SET.count() * 2];
    for (int r = 0; r < SET.count(); r++) {
      known[r * 2] = Math.sin(2 * SET.anchors()[r * 3]);
    }

    KernelTrial trial = new KernelTrial(SET.embeddedAnchors(), List.of(medium), few);
    double[] knownToFew = Arrays.copyOf(known, few * 2);

    assertThat(trial.best(known, 2, 1).error())
        .isPositive()
        .isLessThan(0.9 * trial.best(knownToFew, 2, 1).error());
  }

  @Test
  void ignoresColumnsThatDoNotCount() {
    double[] known = new double[SET.count() * 2];
    for (int r = 0; r < SET.count(); r++) {
      known[r * 2 + 1] = random.nextGaussian();
    }

    assertThat(best(List.of(SHORT, LONG), known).error()).isZero();
  }
}
