// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.background.InterruptedWorkException;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;
import org.junit.jupiter.api.Test;

class CholeskyTest {

  /** B B' plus a small diagonal, for a random B. */
  private static double[] positiveDefinite(int dim) {
    Random random = new Random(dim);
    double[][] b = new double[dim][8];
    for (double[] row : b) {
      for (int c = 0; c < row.length; c++) {
        row[c] = random.nextGaussian();
      }
    }
    double[] lower = new double[dim * (dim + 1) / 2];
    for (int i = 0, at = 0; i < dim; i++) {
      for (int j = 0; j <= i; j++, at++) {
        for (int c = 0; c < 8; c++) {
          lower[at] += b[i][c] * b[j][c];
        }
      }
      lower[at - 1] += 0.1;
    }
    return lower;
  }

  @Test
  void panelsChangeNoBit() {
    for (int dim : new int[] {1, 2, 3, 63, 64, 65, 66, 67, 127, 128, 129, 200, 331}) {
      double[] lower = positiveDefinite(dim);
      DMatrixRMaj full = new DMatrixRMaj(dim, dim);
      for (int i = 0, at = 0; i < dim; i++) {
        for (int j = 0; j <= i; j++, at++) {
          full.set(i, j, lower[at]);
          full.set(j, i, lower[at]);
        }
      }
      CholeskyDecompositionInner_DDRM plain = new CholeskyDecompositionInner_DDRM(true);
      assertThat(plain.decompose(full)).isTrue();

      assertThat(Cholesky.factor(dim, lower)).isPresent();

      for (int i = 0, at = 0; i < dim; i++) {
        for (int j = 0; j <= i; j++, at++) {
          assertThat(lower[at]).isEqualTo(plain.getT(null).get(i, j));
        }
      }
    }
  }

  @Test
  void aMatrixThatIsNotPositiveDefiniteHasNoFactor() {
    for (int spoilt : new int[] {0, 70, 149}) {
      double[] lower = positiveDefinite(150);
      lower[spoilt * (spoilt + 1) / 2 + spoilt] = -1;
      assertThat(Cholesky.factor(150, lower)).isEmpty();
      lower[spoilt * (spoilt + 1) / 2 + spoilt] = Double.NaN;
      assertThat(Cholesky.factor(150, lower)).isEmpty();
    }
  }

  @Test
  void anInterruptedThreadGivesUpAndStaysInterrupted() {
    double[] lower = positiveDefinite(150);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Cholesky.factor(150, lower))
        .isInstanceOf(InterruptedWorkException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
