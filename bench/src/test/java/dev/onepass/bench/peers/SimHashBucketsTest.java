// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimHashBucketsTest {
  private static final int BYTES = 1 << 14;
  private static final PastMeans MEANS = PastMeans.of(Streams.PAST);

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void expectationIsAttentionWithTheWeightOfTheAngle(int bits) {
    // Measured: 0.03 and 0.04; one bit more or less: 0.12 or more.
    assertThat(Errors.relative(expectation(bits), byAngle(bits))).isLessThan(0.06);
    assertThat(Errors.relative(expectation(bits), byAngle(bits + 1))).isGreaterThan(0.08);
    assertThat(Errors.relative(expectation(bits), byAngle(bits - 1))).isGreaterThan(0.08);
  }

  /** Returns the mean answer over seeds, which have more than 2 000 groups together. */
  private static double[][] expectation(int bits) {
    Method method = new SimHashBuckets(bits, true).learn(Streams.PAST);
    int seeds = 20;
    double[][] mean = new double[Streams.QUERIES.count()][Streams.HEAD.valueDim()];
    for (int seed = 0; seed < seeds; seed++) {
      Method.State state = method.begin(Streams.HEAD, BYTES, seed);
      Streams.feed(state, 2_000);
      float[][] outputs = state.answer(Streams.QUERIES).outputs();
      for (int q = 0; q < mean.length; q++) {
        for (int c = 0; c < mean[q].length; c++) {
          mean[q][c] += outputs[q][c] / seeds;
        }
      }
    }
    return mean;
  }

  /** Returns attention with weights (1 - angle / pi)^bits. */
  private static double[][] byAngle(int bits) {
    int d = Streams.HEAD.keyDim();
    int dv = Streams.HEAD.valueDim();
    double[][] outputs = new double[Streams.QUERIES.count()][dv];
    for (int q = 0; q < outputs.length; q++) {
      float[] query = Arrays.copyOfRange(Streams.QUERIES.vectors(), q * d, (q + 1) * d);
      double den = 0;
      for (int j = 0; j < 2_000; j++) {
        float[] key = MEANS.centred(Arrays.copyOfRange(Streams.HEAD.keys(), j * d, (j + 1) * d));
        double cosine = dot(query, key) / Math.sqrt(dot(query, query) * dot(key, key));
        double weight = Math.pow(1 - Math.acos(cosine) / Math.PI, bits);
        den += weight;
        for (int c = 0; c < dv; c++) {
          outputs[q][c] += weight * Streams.HEAD.values()[j * dv + c];
        }
      }
      for (int c = 0; c < dv; c++) {
        outputs[q][c] /= den;
      }
    }
    return outputs;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void theNormalizedFormHasTheLengthOfTheMeanValue() {
    Method.State state =
        new SimHashBuckets(3, false).learn(Streams.PAST).begin(Streams.HEAD, BYTES, 7);
    Streams.feed(state, Streams.N);
    double[] mean = new double[Streams.HEAD.valueDim()];
    for (int at = 0; at < Streams.N * mean.length; at++) {
      mean[at % mean.length] += Streams.HEAD.values()[at] / Streams.N;
    }
    double length = Errors.norm(new double[][] {mean});
    for (float[] output : state.answer(Streams.QUERIES).outputs()) {
      // Sums of 16 bits are rounded at random.
      assertThat(Math.sqrt(dot(output, output))).isBetween(0.9 * length, 1.1 * length);
    }
  }
}
