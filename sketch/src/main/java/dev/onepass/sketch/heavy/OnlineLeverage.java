// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.numerics.SecondMoment;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Leverages of keys against all keys so far (online leverage scores; Cohen, Musco and Pachocki,
 * arXiv 1604.05448). The leverage of a key is {@code x' G^-1 x}, where x holds the monomials of the
 * key and {@code G = sum_j x_j x_j'}. G only grows, so a leverage only falls.
 *
 * <p>Not safe for use by several threads.
 */
final class OnlineLeverage {

  /** Added to G, relative to its diagonal: far above rounding, far below any signal. */
  private static final double RIDGE = 0x1p-30;

  /** Bound on the entries of G: 2^63 sixth powers of the largest float are 1.4e250. */
  private static final double MAX_MOMENT = 1e280;

  private final int keyDim;
  private final int degree;
  private final SecondMoment gram;
  private double[] scale;
  private Cholesky factor;

  /**
   * Makes leverages against no keys.
   *
   * @param keyDim length d of a key
   * @param degree degree of the monomials, 1 to 3
   */
  OnlineLeverage(int keyDim, int degree) {
    this(keyDim, degree, new SecondMoment(order(keyDim, degree)));
  }

  private OnlineLeverage(int keyDim, int degree, SecondMoment gram) {
    this.keyDim = keyDim;
    this.degree = degree;
    this.gram = gram;
  }

  /** Returns the number of monomials D. */
  static int order(int keyDim, int degree) {
    return (int) Monomials.count(keyDim, degree);
  }

  /** Returns the bytes of G; {@link Long#MAX_VALUE} if no state can hold it. */
  static long bytes(int keyDim, int degree) {
    return SecondMoment.bytes(Monomials.count(keyDim, degree));
  }

  /** Adds the keys of a block to G, without retractions. Takes effect with {@link #refresh}. */
  void add(TokenBlock block) {
    double[] features = new double[gram.dim()];
    for (int j = 0; j < block.count(); j++) {
      if (block.signs()[j] > 0) {
        Monomials.evaluate(block.keys(), j * keyDim, keyDim, degree, features);
        gram.add(features, 1);
      }
    }
  }

  /** Adds all keys of the other object to G. */
  void merge(OnlineLeverage other) {
    gram.add(other.gram);
    refresh();
  }

  /** Discards the factor of G, so that leverages include all keys added so far. */
  void refresh() {
    factor = null;
  }

  /**
   * Returns the leverage of every token of a block, between 0 and 1.
   *
   * @param block tokens that have been added
   */
  double[] of(TokenBlock block) {
    if (factor == null) {
      scale = new double[gram.dim()];
      for (int i = 0; i < scale.length; i++) {
        scale[i] = gram.get(i, i) > 0 ? 1 / Math.sqrt(gram.get(i, i)) : 0;
      }
      factor = gram.factor(scale, RIDGE);
    }
    double[] leverages = new double[block.count()];
    double[] features = new double[gram.dim()];
    for (int j = 0; j < leverages.length; j++) {
      Monomials.evaluate(block.keys(), j * keyDim, keyDim, degree, features);
      for (int i = 0; i < features.length; i++) {
        features[i] *= scale[i];
      }
      factor.solveLower(features);
      double squares = 0;
      for (double x : features) {
        squares += x * x;
      }
      // A leverage exceeds 1 only by rounding, or if forged bytes do not hold a Gram matrix.
      leverages[j] = squares < 1 ? squares : 1;
    }
    return leverages;
  }

  /** Writes G. */
  void write(WireWriter out) {
    gram.write(out);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CorruptSketchException if the bytes do not hold a Gram matrix
   */
  static OnlineLeverage read(WireReader in, int keyDim, int degree) {
    SecondMoment gram = SecondMoment.read(in, order(keyDim, degree), MAX_MOMENT);
    requireGram(gram);
    return new OnlineLeverage(keyDim, degree, gram);
  }

  /** Checks that no entry exceeds the geometric mean of its two diagonal entries. */
  private static void requireGram(SecondMoment gram) {
    double[] length = new double[gram.dim()];
    for (int i = 0; i < length.length; i++) {
      length[i] = Math.sqrt(gram.get(i, i));
      for (int l = 0; l <= i; l++) {
        if (!(Math.abs(gram.get(i, l)) <= 1.000001 * length[i] * length[l])) {
          throw new CorruptSketchException(
              "entry (%d, %d) is too large for a Gram matrix".formatted(i, l));
        }
      }
    }
  }
}
