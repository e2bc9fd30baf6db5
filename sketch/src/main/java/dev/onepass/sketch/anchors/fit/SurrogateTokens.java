// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Keys with stand-ins for their values, because anchor sets are made without values. Half of the
 * coordinates of a stand-in are the centred and scaled coordinates of the key, the other half are
 * random waves over the keys (random Fourier features; Rahimi and Recht, NIPS 2007). All have unit
 * variance. A kernel that interpolates the attention over these well also interpolates the
 * attention over true values well.
 *
 * @param keyDim length d of a key
 * @param count number of tokens n
 * @param keys n x d, row-major
 * @param values n x 2d, row-major
 */
record SurrogateTokens(int keyDim, int count, float[] keys, float[] values) {

  /** Frequency of a wave, in radians per standard deviation of the keys. */
  private static final double FREQUENCY = 0.5;

  /**
   * Draws stand-ins for the values of keys.
   *
   * @param keys n x d, row-major
   * @param dim length d of a key
   * @param random source of the waves
   */
  static SurrogateTokens of(float[] keys, int dim, Random random) {
    int n = keys.length / dim;
    double[] mean = new double[dim];
    double[] deviation = new double[dim];
    for (int i = 0; i < keys.length; i++) {
      mean[i % dim] += (double) keys[i] / n;
    }
    for (int i = 0; i < keys.length; i++) {
      double x = keys[i] - mean[i % dim];
      deviation[i % dim] += x * x / n;
    }
    double size = Math.sqrt(Arrays.stream(deviation).sum());
    double[] waves = new double[dim * dim];
    double[] phases = new double[dim];
    Arrays.setAll(waves, i -> random.nextGaussian() * FREQUENCY / Math.max(size, 1e-30));
    Arrays.setAll(phases, i -> 2 * Math.PI * random.nextDouble());
    float[] values = new float[n * 2 * dim];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < dim; c++) {
        double phase = phases[c];
        for (int i = 0; i < dim; i++) {
          phase += (keys[j * dim + i] - mean[i]) * waves[i * dim + c];
        }
        double x = keys[j * dim + c] - mean[c];
        values[j * 2 * dim + c] = (float) (x / Math.max(Math.sqrt(deviation[c]), 1e-30));
        values[j * 2 * dim + dim + c] = (float) (Math.sqrt(2) * Math.cos(phase));
      }
    }
    return new SurrogateTokens(dim, n, keys, values);
  }

  /** Returns the half of the values that consists of keys, n x d, row-major. */
  float[] keysAsValues() {
    float[] half = new float[count * keyDim];
    for (int j = 0; j < count; j++) {
      System.arraycopy(values, j * 2 * keyDim, half, j * keyDim, keyDim);
    }
    return half;
  }

  /** Returns the length of a value, 2d. */
  int valueDim() {
    return 2 * keyDim;
  }

  /**
   * Returns the attention of queries over all tokens, one row per query.
   *
   * @param queries query vectors, count x d, row-major
   * @param count number of queries
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  double[][] attention(float[] queries, int count) {
    double[][] outputs = new double[count][];
    IntStream.range(0, count).forEach(q -> outputs[q] = attentionOf(queries, q));
    return outputs;
  }

  private double[] attentionOf(float[] queries, int q) {
    InterruptedWorkException.check();
    double[] weights = new double[count];
    Kernels.logits(queries, q * keyDim, 1, keys, count, keyDim, weights);
    Kernels.expMinus(weights, count, Kernels.max(weights, count));
    double[] output = new double[valueDim()];
    Kernels.addWeightedRows(weights, values, count, valueDim(), output);
    double sum = Arrays.stream(weights, 0, count).sum();
    Arrays.setAll(output, c -> output[c] / sum);
    return output;
  }
}
