// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.ridge;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.numerics.SecondMoment;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Weighted sums over tokens in double precision, with x = k - c: of x (d), x x' (d x d, half of it
 * kept), v (dv) and x v' (d x dv); of |v|, summed over coordinates; and of 1, which is the mass.
 * The sum of the squared weights tells how many tokens share the mass.
 *
 * <p>Bytes: the sum of |v|, then those of x, x x', v and x v'. The mass and the squared weights are
 * written by the sketch.
 */
final class Moments {

  /** Bound on every sum: 2^63 tokens with coordinates of twice the largest float make 4.3e96. */
  private static final double LARGEST = 1e97;

  final double[] keys;
  final SecondMoment squares;
  final double[] values;
  final double[] products;
  double valueMass;
  double mass;
  double squaredWeights;

  Moments(int keyDim, int valueDim) {
    this(new double[keyDim], new SecondMoment(keyDim), new double[valueDim]);
  }

  private Moments(double[] keys, SecondMoment squares, double[] values) {
    this.keys = keys;
    this.squares = squares;
    this.values = values;
    this.products = new double[Math.multiplyExact(keys.length, values.length)];
  }

  static long bytes(int keyDim, int valueDim) {
    return SecondMoment.bytes(keyDim)
        + Double.BYTES * (1 + keyDim + valueDim + (long) keyDim * valueDim);
  }

  /**
   * Returns the number of tokens of equal weight that would share the mass as evenly as these do:
   * {@code (sum w)^2 / sum w^2} (Kish, Survey Sampling, 1965). It is the number of tokens if all
   * weights are equal, and stays the same if all weights are multiplied by a number.
   *
   * @param tokens the number of tokens, which is the largest possible result
   */
  double effectiveTokens(long tokens) {
    return Math.max(1, Math.min((double) tokens, mass * (mass / squaredWeights)));
  }

  /** Multiplies all weights by a power of two. */
  void scale(int power) {
    if (power == 0) {
      return;
    }
    double factor = Math.scalb(1.0, power);
    mass *= factor;
    squaredWeights *= factor * factor;
    valueMass *= factor;
    squares.scale(factor);
    WeightExponent.scale(keys, power);
    WeightExponent.scale(values, power);
    WeightExponent.scale(products, power);
  }

  /**
   * Adds tokens.
   *
   * @param factor multiplies the weights of the block
   */
  void fold(TokenBlock block, float[] centre, double factor) {
    int d = keys.length;
    int dv = values.length;
    double[] x = new double[d];
    for (int j = 0; j < block.count(); j++) {
      double weight = factor * block.weight(j);
      mass += weight;
      squaredWeights += weight * Math.abs(weight);
      for (int i = 0; i < d; i++) {
        x[i] = (double) block.keys()[j * d + i] - centre[i];
        keys[i] += weight * x[i];
      }
      squares.add(x, weight);
      for (int c = 0; c < dv; c++) {
        double value = block.values()[j * dv + c];
        values[c] += weight * value;
        valueMass += weight * Math.abs(value);
      }
      for (int i = 0; i < d; i++) {
        double weighted = weight * x[i];
        for (int c = 0, p = i * dv; c < dv; c++, p++) {
          products[p] += weighted * block.values()[j * dv + c];
        }
      }
    }
  }

  /**
   * Adds the sums of other tokens around another centre.
   *
   * @param shift the other centre minus this one; x here is x there plus the shift
   * @param factor multiplies the other weights
   */
  void add(Moments other, double[] shift, double factor) {
    double[] otherKeys = other.keys.clone();
    for (int i = 0; i < otherKeys.length; i++) {
      otherKeys[i] *= factor;
    }
    double otherMass = factor * other.mass;
    squares.add(other.squares, factor);
    squares.addSymmetricProduct(shift, otherKeys);
    squares.add(shift, otherMass);
    for (int i = 0; i < keys.length; i++) {
      keys[i] += otherKeys[i] + otherMass * shift[i];
      for (int c = 0, p = i * values.length; c < values.length; c++, p++) {
        products[p] += factor * (other.products[p] + shift[i] * other.values[c]);
      }
    }
    for (int c = 0; c < values.length; c++) {
      values[c] += factor * other.values[c];
    }
    valueMass += factor * other.valueMass;
    squaredWeights += factor * factor * other.squaredWeights;
    mass += otherMass;
  }

  void write(WireWriter out) {
    out.putDouble(valueMass);
    putAll(out, keys);
    squares.write(out);
    putAll(out, values);
    putAll(out, products);
  }

  private static void putAll(WireWriter out, double[] numbers) {
    for (double number : numbers) {
      out.putDouble(number);
    }
  }

  static Moments read(WireReader in, int keyDim, int valueDim) {
    in.require(bytes(keyDim, valueDim));
    double valueMass = in.getDouble();
    double[] keys = new double[keyDim];
    getAll(in, keys);
    Moments moments =
        new Moments(keys, SecondMoment.read(in, keyDim, LARGEST), new double[valueDim]);
    getAll(in, moments.values);
    getAll(in, moments.products);
    moments.valueMass = valueMass;
    return moments;
  }

  private static void getAll(WireReader in, double[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.getDouble();
      if (!(Math.abs(numbers[i]) <= LARGEST)) {
        throw new CorruptSketchException(
            "sum: expected at most %s in size, got %s".formatted(LARGEST, numbers[i]));
      }
    }
  }
}
