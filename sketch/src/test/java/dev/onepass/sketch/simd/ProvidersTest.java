// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Checks which kernels are chosen, and that they agree with plain loops and between runs. The build
 * runs this test with and without the vector module, and with vectors of several lengths.
 */
@Tag("kernels")
class ProvidersTest {

  /** Limit of the bits of a vector; 0 without the module, unset if there is no limit. */
  private static final Integer BITS = Integer.getInteger("kernels.bits");

  private final Random random = new Random(12);
  private final KernelProvider plain = new ScalarKernels();

  @Test
  void choosesVectorsIfTheModuleIsAvailable() {
    if (BITS == null) {
      assertThat(Kernels.name()).startsWith("vectors of ");
    } else if (BITS == 0) {
      assertThat(Kernels.name()).isEqualTo("plain loops");
    } else {
      // The machine may have only shorter vectors.
      assertThat(Kernels.name()).isIn("vectors of 128 bits", "vectors of " + BITS + " bits");
    }
  }

  @Test
  void attentionAgreesWithPlainLoops() {
    for (int[] shape : new int[][] {{350, 32, 31, 32}, {13, 7, 124, 5}, {40, 64, 256, 64}}) {
      float[] queries = floats(shape[0] * shape[1]);
      float[] keys = floats(shape[2] * shape[1]);
      float[] biases = floats(shape[2]);
      float[] values = floats(shape[2] * shape[3]);
      float[][] outputs = new float[2][shape[0] * shape[3]];
      float[][] logSums = new float[2][shape[0]];
      Kernels.attend(
          queries,
          shape[0],
          shape[1],
          keys,
          biases,
          values,
          shape[2],
          shape[3],
          outputs[0],
          logSums[0]);
      plain.attend(
          queries,
          shape[0],
          shape[1],
          keys,
          biases,
          values,
          shape[2],
          shape[3],
          outputs[1],
          logSums[1]);
      // Logits of about 20 are sums of at most 64 terms, each rounded to 2^-24 of its magnitude.
      assertThat(logSums[0]).containsExactly(logSums[1], within(2e-5f));
      assertThat(outputs[0]).containsExactly(outputs[1], within(5e-5f));
    }
  }

  @Test
  void productsAndDistancesAgreeWithPlainLoops() {
    float[] left = floats(124 * 50);
    float[] right = floats(124 * 37);
    float[][] sums = new float[2][50 * 37];
    Kernels.addTransposedProduct(left, 50, right, 37, 124, sums[0]);
    plain.addTransposedProduct(left, 50, right, 37, 124, sums[1]);
    // 124 terms whose magnitudes sum to about 100.
    assertThat(sums[0]).containsExactly(sums[1], within(124 * 0x1p-24f * 100));
    float[][] distances = new float[2][9 * 96];
    Kernels.squareDistances(left, 96, 50, 3, 9, distances[0]);
    plain.squareDistances(left, 96, 50, 3, 9, distances[1]);
    assertThat(distances[0]).containsExactly(distances[1], within(50 * 0x1p-24f * 200));
  }

  /** Interpreted and compiled code gives the same bits. */
  @Test
  void givesTheSameBitsInEveryRun() {
    float[] queries = floats(64 * 32);
    float[] keys = floats(124 * 32);
    float[] values = floats(124 * 32);
    float[] first = attend(queries, keys, values);
    for (int i = 0; i < 300; i++) {
      float[] again = attend(queries, keys, values);
      assertThat(Arrays.equals(again, first)).isTrue();
    }
  }

  private static float[] attend(float[] queries, float[] keys, float[] values) {
    float[] outputs = new float[64 * 32];
    float[] logSums = new float[64];
    Kernels.attend(queries, 64, 32, keys, new float[0], values, 124, 32, outputs, logSums);
    float[] all = Arrays.copyOf(outputs, outputs.length + logSums.length);
    System.arraycopy(logSums, 0, all, outputs.length, logSums.length);
    return all;
  }

  private float[] floats(int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
