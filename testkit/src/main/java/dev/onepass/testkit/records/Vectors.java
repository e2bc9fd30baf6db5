// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.records;

import dev.onepass.sketch.exact.ExactAttention;
import java.util.Arrays;
import java.util.Random;

/** The tokens of a sequence, and exact attention over its first tokens. */
public final class Vectors {

  public final String sequence;
  public final int count;
  public final int keyDim;
  public final int valueDim;
  public final float[] keys;
  public final float[] values;

  /**
   * Generates Gaussian tokens.
   *
   * @param spread standard deviation of each coordinate of a key
   */
  public Vectors(String sequence, int count, int keyDim, int valueDim, double spread, long seed) {
    this(
        sequence,
        count,
        gaussian(new Random(seed), count * keyDim, spread),
        gaussian(new Random(~seed), count * valueDim, 1));
  }

  /** Takes tokens from row-major matrices, which are not copied. */
  public Vectors(String sequence, int count, float[] keys, float[] values) {
    this.sequence = sequence;
    this.count = count;
    this.keyDim = keys.length / count;
    this.valueDim = values.length / count;
    this.keys = keys;
    this.values = values;
  }

  /** Returns independent Gaussian numbers of mean 0. */
  public static float[] gaussian(Random random, int length, double spread) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) (spread * random.nextGaussian());
    }
    return numbers;
  }

  /** Returns a copy of the key of a token. */
  public float[] key(int j) {
    return Arrays.copyOfRange(keys, j * keyDim, (j + 1) * keyDim);
  }

  /** Returns a copy of the value of a token. */
  public float[] value(int j) {
    return Arrays.copyOfRange(values, j * valueDim, (j + 1) * valueDim);
  }

  /**
   * Returns exact attention of one query vector over the first tokens, with the job's default
   * scale.
   */
  public double[] attention(float[] query, int tokens) {
    return ExactAttention.attention(
            query, 1, keys, values, tokens, keyDim, valueDim, 1 / Math.sqrt(keyDim))
        .outputs();
  }

  /** Returns the largest |v| of the first tokens. */
  public double largestValue(int tokens) {
    double largest = 0;
    for (int j = 0; j < tokens; j++) {
      double squares = 0;
      for (float x : value(j)) {
        squares += x * x;
      }
      largest = Math.max(largest, Math.sqrt(squares));
    }
    return largest;
  }
}
