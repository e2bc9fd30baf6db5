// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import dev.onepass.testkit.records.Vectors;
import java.util.Random;

/**
 * The tokens of a sequence, and query vectors for it. All are Gaussian; equal seeds make equal
 * numbers.
 *
 * @param sequence id of the sequence
 * @param head of the sequence; null for the only one
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param seed of the numbers
 */
record Tokens(String sequence, String head, int keyDim, int valueDim, long seed) {

  private static final double SPREAD = 0.5;

  /** Tokens of a job with one head, whose keys have length 4 and values length 2. */
  static Tokens of(String sequence) {
    return new Tokens(sequence, null, 4, 2, sequence.hashCode());
  }

  /** Returns the key of token j. */
  float[] key(int j) {
    return gaussian(3L * j, keyDim, SPREAD);
  }

  /** Returns the value of token j. */
  float[] value(int j) {
    return gaussian(3L * j + 1, valueDim, 1);
  }

  /** Returns query vector i. */
  float[] query(int i) {
    return gaussian(3L * i + 2, keyDim, 1);
  }

  private float[] gaussian(long number, int length, double spread) {
    return Vectors.gaussian(new Random(1_000_003L * seed + number), length, spread);
  }
}
