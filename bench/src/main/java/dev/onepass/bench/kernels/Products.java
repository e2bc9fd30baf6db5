// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.kernels;

import dev.onepass.sketch.simd.Kernels;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * The matrix product of a fold of 256 tokens into {@value #ROWS} sums of {@value #COLUMNS} numbers,
 * with the kernel and with EJML.
 */
final class Products {

  static final int ROWS = 2144;
  static final int COLUMNS = 96;
  static final int TOKENS = 256;
  static final double OPERATIONS = 2.0 * ROWS * COLUMNS * TOKENS;

  private final float[] left;
  private final float[] right;
  private final float[] sum = new float[ROWS * COLUMNS];
  private final FMatrixRMaj ejmlLeft;
  private final FMatrixRMaj ejmlRight;
  private final FMatrixRMaj ejmlSum = new FMatrixRMaj(ROWS, COLUMNS);

  Products(long seed) {
    Random random = new Random(seed);
    left = normal(random, TOKENS * ROWS);
    right = normal(random, TOKENS * COLUMNS);
    ejmlLeft = FMatrixRMaj.wrap(TOKENS, ROWS, left);
    ejmlRight = FMatrixRMaj.wrap(TOKENS, COLUMNS, right);
  }

  float[] byKernel() {
    Kernels.addTransposedProduct(left, ROWS, right, COLUMNS, TOKENS, sum);
    return sum;
  }

  float[] byEjml() {
    CommonOps_FDRM.multAddTransA(ejmlLeft, ejmlRight, ejmlSum);
    return ejmlSum.data;
  }

  static float[] normal(Random random, int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
