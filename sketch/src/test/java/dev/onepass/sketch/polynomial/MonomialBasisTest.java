// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.registry.Streams;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonomialBasisTest {

  @ParameterizedTest
  @CsvSource({"1,2", "1,30", "2,8", "3,6", "5,4", "16,2", "64,2", "4,14"})
  void innerProductsAreTheTaylorPolynomial(int dim, int degree) {
    MonomialBasis basis = new MonomialBasis(dim, degree);
    Random random = new Random(7);
    for (int trial = 0; trial < 20; trial++) {
      float[] q = Streams.vector(random, dim, 1 / Math.sqrt(dim));
      float[] k = Streams.vector(random, dim, 1);
      double[] left = new double[basis.size()];
      float[] right = new float[basis.size() + 1];
      basis.evaluate(doubles(q), left);
      basis.evaluate(k, 1, right, 1);
      for (int g = 0; g <= degree; g++) {
        double inner = 0;
        for (int i = 0; i < basis.endOfDegree(g); i++) {
          inner += left[i] * right[i + 1];
        }
        double dot = 0;
        double magnitude = 0;
        for (int i = 0; i < dim; i++) {
          dot += (double) q[i] * k[i];
          magnitude += Math.abs((double) q[i] * k[i]);
        }
        // The error of each feature is at most that of `degree` float products and constants.
        assertThat(inner)
            .isCloseTo(
                TaylorPolynomial.value(g, dot),
                within(3 * degree * 0x1p-24 * TaylorPolynomial.value(g, magnitude)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,3", "4,14", "16,4", "64,2", "300,2"})
  void thereIsOneFeaturePerMultiIndex(int dim, int degree) {
    assertThat(MonomialBasis.size(dim, degree)).isEqualTo(binomial(dim + degree, degree));
    MonomialBasis basis = new MonomialBasis(dim, degree);
    for (int g = 0; g <= degree; g++) {
      assertThat(basis.endOfDegree(g)).isEqualTo((int) binomial(dim + g, g));
    }
    assertThat(basis.size()).isEqualTo(basis.endOfDegree(degree));
  }

  @Test
  void sizesBeyondLongAreReportedAsTheLargest() {
    assertThat(MonomialBasis.size(8192, 64)).isEqualTo(Long.MAX_VALUE);
    assertThat(MonomialBasis.size(64, 8)).isEqualTo(binomial(72, 8));
  }

  @Test
  void theWeightMultipliesEveryFeature() {
    MonomialBasis basis = new MonomialBasis(3, 4);
    float[] x = {0.5f, -2, 3};
    float[] plus = new float[basis.size()];
    float[] minus = new float[basis.size()];
    basis.evaluate(x, 1, plus, 0);
    basis.evaluate(x, -1, minus, 0);
    for (int i = 0; i < plus.length; i++) {
      assertThat(minus[i]).isEqualTo(-plus[i]);
    }
  }

  private static long binomial(int n, int k) {
    BigInteger b = BigInteger.ONE;
    for (int i = 1; i <= k; i++) {
      b = b.multiply(BigInteger.valueOf(n - k + i)).divide(BigInteger.valueOf(i));
    }
    return b.longValueExact();
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i];
    }
    return y;
  }
}
