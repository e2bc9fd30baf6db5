// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.blocks.TokenBlock;
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
   * Counts tokens and adds their features.
   *
   * @param keys makes and counts the features; its token count decides how sums are rounded
   * @param block tokens of the key and value dimension, whose exponent is at most that of the keys
   */
  void fold(KeyFeatures keys, TokenBlock block);

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
   * @param salt decides how sums are rounded; is the same in every run
   * @throws dev.onepass.sketch.api.IncompatibleSketchException if the two must not be added;
   *     nothing is added then
   */
  void merge(FeatureSums other, int power, long salt);

  /**
   * Returns a bound on the spectral norm of the difference between {@code U2' V} and what is kept
   * of it, apart from rounding; NaN if none is stated.
   */
  default double productError() {
    return Double.NaN;
  }

  /** Returns the number of bytes that {@link #write} writes. */
  long bytes();

  /**
   * Writes everything.
   *
   * @param out receives the bytes
   */
  void write(WireWriter out);
}
