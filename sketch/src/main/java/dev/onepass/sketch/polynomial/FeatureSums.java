// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.wire.WireWriter;

/**
 * The sums of features over tokens that a sketch keeps: {@code s = U2' 1} and {@code U2' V}, the
 * latter exactly or through a sketch of both factors. Rows of U2 are multiplied by the weights of
 * their tokens, relative to an exponent that {@link KeyFeatures} keeps.
 */
public interface FeatureSums {

  /** Returns {@code s = U2' 1}, t numbers; not a copy. */
  float[] s();

  /** Returns the length dv of values. */
  int valueDim();

  /**
   * Adds tokens.
   *
   * @param features rows of U2 times the token's weight, count x t
   * @param values rows of V, count x dv
   * @param count number of tokens
   * @param salt decides how sums are rounded; differs from fold to fold, and is the same in every
   *     run
   */
  void fold(float[] features, float[] values, int count, long salt);

  /**
   * Multiplies the weights of all tokens so far by a power of two.
   *
   * @param power exponent of the power of two, at most 0
   */
  void scale(int power);

  /**
   * Returns a function that computes {@code features' U2' V}, dv numbers.
   *
   * @param queries number of queries that use the function; decides how it is computed
   */
  FeatureReadout.Numerator numerator(int queries);

  /**
   * Writes one column of {@code U2' V}.
   *
   * @param c number of the column, from 0
   * @param column receives t numbers
   */
  void product(int c, double[] column);

  /**
   * Adds all of other sums of the same kind. If the weights of the other sums are relative to a
   * larger exponent, these sums are scaled to it first; otherwise the other ones are.
   *
   * @param other sums of the same class and sizes; they do not change
   * @param power the exponent of the other sums minus that of these
   * @param salt as in {@link #fold}
   * @throws dev.onepass.sketch.api.IncompatibleSketchException if the two must not be added;
   *     nothing is added then
   */
  void merge(FeatureSums other, int power, long salt);

  /** Returns the number of bytes that {@link #write} writes. */
  long bytes();

  /**
   * Writes everything.
   *
   * @param out receives the bytes
   */
  void write(WireWriter out);
}
