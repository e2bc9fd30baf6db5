// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import dev.onepass.testkit.records.Vectors;
import java.util.OptionalDouble;
import java.util.Random;

/**
 * The tokens of a sequence, and query vectors for it. All are Gaussian; equal seeds make equal
 * numbers.
 *
 * @param sequence id of the sequence
 * @param head of the sequence; null for the only one
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param kind what sets some of the tokens apart
 * @param seed of the numbers
 */
record Tokens(String sequence, String head, int keyDim, int valueDim, Kind kind, long seed) {

  /** What sets some of the tokens apart. */
  enum Kind {
    /** All are alike. */
    PLAIN,
    /** Each has a bias. */
    BIASED,
    /** Some keys are much longer than the others. */
    OUTLYING
  }

  private static final double SPREAD = 0.5;

  /** Standard deviation of biases: of 300 tokens, the largest weight is some hundred times 1. */
  private static final double BIAS_SPREAD = 2;

  /** One in this many tokens has a long key, beginning with the seventh. */
  private static final int STRIDE = 40;

  private static final double LONG = 10;

  /** Makes tokens that are all alike. */
  Tokens(String sequence, String head, int keyDim, int valueDim, long seed) {
    this(sequence, head, keyDim, valueDim, Kind.PLAIN, seed);
  }

  /** Tokens of a job with one head, whose keys have length 4 and values length 2. */
  static Tokens of(String sequence) {
    return of(sequence, 2, Kind.PLAIN);
  }

  /** Tokens of a job with one head, whose keys have length 4. */
  static Tokens of(String sequence, int valueDim, Kind kind) {
    return new Tokens(sequence, null, 4, valueDim, kind, sequence.hashCode());
  }

  /** Returns the key of token j. */
  float[] key(int j) {
    boolean isLong = kind == Kind.OUTLYING && j % STRIDE == 6;
    return gaussian(3L * j, keyDim, isLong ? LONG * SPREAD : SPREAD);
  }

  /** Returns the bias of token j; empty if tokens have none. */
  OptionalDouble bias(int j) {
    return kind == Kind.BIASED
        ? OptionalDouble.of(gaussian(-1L - j, 1, BIAS_SPREAD)[0])
        : OptionalDouble.empty();
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
