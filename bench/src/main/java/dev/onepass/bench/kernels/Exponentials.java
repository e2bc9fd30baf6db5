// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import dev.onepass.sketch.simd.Kernels;
import java.util.Random;

/** Computes exp of {@value #COUNT} floats between -20 and 0, with the kernel and with Math.exp. */
final class Exponentials {

  static final int COUNT = 4096;

  private final float[] logits = new float[COUNT];
  private final float[] exp = new float[COUNT];

  Exponentials(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < COUNT; i++) {
      logits[i] = -20 * random.nextFloat();
    }
  }

  float[] byKernel() {
    System.arraycopy(logits, 0, exp, 0, COUNT);
    Kernels.expOfNegative(exp, COUNT);
    return exp;
  }

  float[] oneByOne() {
    System.arraycopy(logits, 0, exp, 0, COUNT);
    for (int i = 0; i < COUNT; i++) {
      exp[i] = (float) Math.exp(exp[i]);
    }
    return exp;
  }
}
