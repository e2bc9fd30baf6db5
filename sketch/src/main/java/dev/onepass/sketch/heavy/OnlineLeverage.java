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
 * arXiv 1604.05448). The leverage of a key of weight w is {@code w x' G^-1 x}, where x holds the
 * monomials of the key and {@code G = sum_j w_j x_j x_j'}. G only grows, so a leverage only falls.
 * A common factor of all weights changes no leverage.
 *
 * <p>G is kept in the precision of floats. Each change is rounded at random, so the error of N
 * changes is about sqrt(N) units of 2^-24.
 *
 * <p>Not safe for use by several threads.
 */
final class OnlineLeverage {

  /** Added to G, relative to its diagonal: above the rounding of floats, below most signals. */
  private static final double RIDGE = 0x1p-18;

  private final int keyDim;
  private final int degree;
  private final SecondMoment gram;
  private double mass;
  private double[] scale;
  private Cholesky factor;

  /**
   * Makes leverages against no keys.
   *
   * @param keyDim length d of a key
   * @param degree degree of the monomials, 1 to 3
   */
  OnlineLeverage(int keyDim, int degree) {
    this(keyDim, degree, new SecondMoment(order(keyDim, degree)), 0);
  }

  private OnlineLeverage(int keyDim, int degree, SecondMoment gram, double mass) {
    this.keyDim = keyDim;
    this.degree = degree;
    this.gram = gram;
    this.mass = mass;
  }

  /** Returns the number of monomials D. */
  static int order(int keyDim, int degree) {
    return (int) Monomials.count(keyDim, degree);
  }

  /** Returns the bytes of G and of the mass; {@link Long#MAX_VALUE} if no state can hold them. */
  static long bytes(int keyDim, int degree) {
    long moments = SecondMoment.floatBytes(Monomials.count(keyDim, degree));
    return moments == Long.MAX_VALUE ? moments : Double.BYTES + moments;
  }

  /** Returns the sum of the weights of all keys added. */
  double mass() {
    return mass;
  }

  /** Adds the keys of a block to G, without retractions. */
  void add(TokenBlock block) {
    double[] features = new double[gram.dim()];
    for (int j = 0; j < block.count(); j++) {
      double weight = block.weight(j);
      if (weight > 0) {
        Monomials.evaluate(block.keys(), j * keyDim, keyDim, degree, features);
        gram.add(features, weight);
        mass += weight;
      }
    }
    changed();
  }

  /**
   * Adds all keys of the other object to G.
   *
   * @param factor what the weights of the other keys are multiplied by
   */
  void merge(OnlineLeverage other, double factor) {
    gram.add(other.gram, factor);
    mass += factor * other.mass;
    changed();
  }

  /** Multiplies the weights of all keys. */
  void scale(double by) {
    gram.scale(by);
    mass *= by;
    factor = null;
  }

  private void changed() {
    gram.roundToFloats(Double.doubleToRawLongBits(mass));
    factor = null;
  }

  /**
   * Returns the leverage of a key, between 0 and 1.
   *
   * @param keys keys that have been added
   * @param offset where the key begins
   * @param weight weight of the key
   */
  double of(float[] keys, int offset, double weight) {
    if (factor == null) {
      scale = new double[gram.dim()];
      for (int i = 0; i < scale.length; i++) {
        scale[i] = gram.get(i, i) > 0 ? 1 / Math.sqrt(gram.get(i, i)) : 0;
      }
      factor = gram.factor(scale, RIDGE);
    }
    double[] features = new double[gram.dim()];
    Monomials.evaluate(keys, offset, keyDim, degree, features);
    for (int i = 0; i < features.length; i++) {
      features[i] *= scale[i];
    }
    factor.solveLower(features);
    double squares = 0;
    for (double x : features) {
      squares += x * x;
    }
    // A leverage exceeds 1 only by rounding, or if forged bytes do not hold a Gram matrix.
    double leverage = weight * squares;
    return leverage < 1 ? leverage : 1;
  }

  /**
   * Returns how many times the leverage of an average key the leverage of a key is, if both had the
   * same weight.
   *
   * @param leverage leverage of the key
   * @param weight weight of the key
   */
  double timesAverage(double leverage, double weight) {
    return leverage / weight * (mass / gram.dim());
  }

  /** Writes the mass and G. */
  void write(WireWriter out) {
    out.putDouble(mass);
    gram.writeFloats(out);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CorruptSketchException if the bytes do not hold a Gram matrix
   */
  static OnlineLeverage read(WireReader in, int keyDim, int degree) {
    in.require(bytes(keyDim, degree));
    double mass = in.getDouble();
    if (!(mass >= 0 && mass <= Double.MAX_VALUE)) {
      throw new CorruptSketchException("mass of keys: expected at least 0, got " + mass);
    }
    SecondMoment gram = SecondMoment.readFloats(in, order(keyDim, degree));
    requireGram(gram);
    return new OnlineLeverage(keyDim, degree, gram, mass);
  }

  /** Checks that no entry exceeds the geometric mean of its two diagonal entries. */
  private static void requireGram(SecondMoment gram) {
    double[] length = new double[gram.dim()];
    for (int i = 0; i < length.length; i++) {
      length[i] = Math.sqrt(gram.get(i, i));
      for (int l = 0; l <= i; l++) {
        if (!(Math.abs(gram.get(i, l)) <= 1.0001 * length[i] * length[l])) {
          throw new CorruptSketchException(
              "entry (%d, %d) is too large for a Gram matrix".formatted(i, l));
        }
      }
    }
  }
}
