// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The symmetric matrix {@code sum_j w_j x_j x_j'} in double precision. Its lower half is kept row
 * by row: (0,0), (1,0), (1,1), (2,0) and so on. That is also its byte format, 8 bytes per entry.
 */
public final class SecondMoment {

  /** The lower half of a larger matrix does not fit into an array of 10^9 numbers. */
  private static final long MAX_DIM = 44_000;

  /** Entries this far below the largest one vanish when they are rounded to floats. */
  private static final double VANISHING = 0x1p-100;

  private final int dim;
  private final double[] lower;

  /**
   * Creates the zero matrix of an order.
   *
   * @param dim order of the matrix, at least 1
   */
  public SecondMoment(int dim) {
    this.dim = dim;
    this.lower = new double[Math.multiplyExact(dim, dim + 1) / 2];
  }

  /**
   * Returns the bytes of a matrix of an order; {@link Long#MAX_VALUE} if it exceeds any state.
   *
   * @param dim order of the matrix, at least 1
   */
  public static long bytes(long dim) {
    return dim > MAX_DIM ? Long.MAX_VALUE : dim * (dim + 1) / 2 * Double.BYTES;
  }

  /** Returns the order of the matrix. */
  public int dim() {
    return dim;
  }

  private static int index(int row, int column) {
    return row * (row + 1) / 2 + column;
  }

  /**
   * Returns an entry.
   *
   * @param row from 0
   * @param column from 0, less than, equal to or greater than the row
   */
  public double get(int row, int column) {
    return row < column ? lower[index(column, row)] : lower[index(row, column)];
  }

  /**
   * Adds {@code weight x x'}.
   *
   * @param x at least dim numbers
   * @param weight any finite number
   */
  public void add(double[] x, double weight) {
    for (int i = 0; i < dim; i++) {
      double factor = weight * x[i];
      if (factor != 0) {
        int row = index(i, 0);
        for (int l = 0; l <= i; l++) {
          lower[row + l] += factor * x[l];
        }
      }
    }
  }

  /**
   * Adds {@code x y' + y x'}.
   *
   * @param x at least dim numbers
   * @param y at least dim numbers
   */
  public void addSymmetricProduct(double[] x, double[] y) {
    for (int i = 0; i < dim; i++) {
      int row = index(i, 0);
      for (int l = 0; l <= i; l++) {
        lower[row + l] += x[i] * y[l] + y[i] * x[l];
      }
    }
  }

  /**
   * Adds a matrix of the same order.
   *
   * @param other a matrix of the same order
   */
  public void add(SecondMoment other) {
    add(other, 1);
  }

  /**
   * Adds a multiple of a matrix of the same order.
   *
   * @param other a matrix of the same order
   * @param factor any finite number
   */
  public void add(SecondMoment other, double factor) {
    for (int i = 0; i < lower.length; i++) {
      lower[i] += factor * other.lower[i];
    }
  }

  /**
   * Multiplies the matrix by a number.
   *
   * @param factor any finite number
   */
  public void scale(double factor) {
    for (int i = 0; i < lower.length; i++) {
      lower[i] *= factor;
    }
  }

  /**
   * Rounds every entry at random to the precision of a float, so that {@link #writeFloats} loses
   * nothing. Entries below 2^-100 of the largest one become 0.
   *
   * @param random 64 bits that no other rounding uses
   */
  public void roundToFloats(long random) {
    int unit = unit();
    for (int e = 0; e < lower.length; e++) {
      double scaled = Math.scalb(lower[e], -unit);
      lower[e] =
          Math.abs(scaled) < VANISHING
              ? 0
              : Math.scalb((double) RandomRounding.round(scaled, SplitMix64.mix(random + e)), unit);
    }
    for (int i = 0; i < dim; i++) {
      if (lower[index(i, i)] == 0) {
        clear(i);
      }
    }
  }

  /** Sets a row and its column to 0. */
  private void clear(int i) {
    for (int l = 0; l < dim; l++) {
      lower[l < i ? index(i, l) : index(l, i)] = 0;
    }
  }

  /** Returns the binary exponent of the largest |entry|; 0 for the zero matrix. */
  private int unit() {
    double largest = 0;
    for (double entry : lower) {
      largest = Math.max(largest, Math.abs(entry));
    }
    return largest == 0 ? 0 : Math.getExponent(largest);
  }

  /** Returns the sum of the diagonal. */
  public double trace() {
    double trace = 0;
    for (int i = 0; i < dim; i++) {
      trace += lower[index(i, i)];
    }
    return trace;
  }

  /**
   * Returns the covariance of weighted vectors x_j whose second moment this matrix is: {@code M / n
   * - m m'}, where m is their mean.
   *
   * @param sum the sum of the w_j x_j, dim numbers
   * @param n the sum of the w_j, positive
   */
  public SecondMoment covariance(double[] sum, double n) {
    SecondMoment covariance = new SecondMoment(dim);
    for (int i = 0, e = 0; i < dim; i++) {
      for (int l = 0; l <= i; l++, e++) {
        covariance.lower[e] = lower[e] / n - sum[i] / n * (sum[l] / n);
      }
    }
    return covariance;
  }

  /**
   * Multiplies the matrix by a vector.
   *
   * @param x dim numbers
   * @param product receives dim numbers
   */
  public void multiply(double[] x, double[] product) {
    for (int i = 0; i < dim; i++) {
      int row = index(i, 0);
      double sum = lower[row + i] * x[i];
      for (int l = 0; l < i; l++) {
        sum += lower[row + l] * x[l];
        product[l] += lower[row + l] * x[i];
      }
      product[i] = sum;
    }
  }

  /**
   * Returns the Cholesky factor of {@code S M S + ridge I}, where S is diagonal.
   *
   * @param scale the diagonal of S, dim numbers; a coordinate of scale 0 drops out of the matrix
   * @param ridge positive. No exact pivot is smaller, so pivots that rounding made smaller are
   *     replaced by it
   */
  public Cholesky factor(double[] scale, double ridge) {
    double[] factored = new double[lower.length];
    for (int i = 0, e = 0; i < dim; i++) {
      for (int l = 0; l <= i; l++, e++) {
        factored[e] = lower[e] * scale[i] * scale[l];
      }
      factored[e - 1] += ridge;
    }
    return Cholesky.factor(dim, factored, ridge);
  }

  /**
   * Returns the bytes of a matrix of an order in floats; {@link Long#MAX_VALUE} if it exceeds any
   * state.
   *
   * @param dim order of the matrix, at least 1
   */
  public static long floatBytes(long dim) {
    return dim > MAX_DIM ? Long.MAX_VALUE : Integer.BYTES + dim * (dim + 1) / 2 * Float.BYTES;
  }

  /**
   * Writes the lower half in floats (f4), relative to a power of two (its exponent, i4). Exact
   * after {@link #roundToFloats}.
   *
   * @param out receives the bytes
   */
  public void writeFloats(WireWriter out) {
    int unit = unit();
    out.putInt(unit);
    for (double entry : lower) {
      out.putFloat((float) Math.scalb(entry, -unit));
    }
  }

  /**
   * Reads what {@link #writeFloats} wrote.
   *
   * @param in the bytes
   * @param dim order of the matrix
   * @throws CorruptSketchException if the bytes are too few or an entry is out of range
   */
  public static SecondMoment readFloats(WireReader in, int dim) {
    in.require(floatBytes(dim));
    int unit = in.getInt("exponent of second moments", Double.MIN_EXPONENT, Double.MAX_EXPONENT);
    SecondMoment matrix = new SecondMoment(dim);
    for (int e = 0; e < matrix.lower.length; e++) {
      float entry = in.getFloat();
      if (!(Math.abs(entry) < 2) || (entry != 0 && Math.abs(entry) < VANISHING / 2)) {
        throw new CorruptSketchException(
            "second moment: expected 0, or 2^-101 to 2 in size, got %s".formatted(entry));
      }
      matrix.lower[e] = Math.scalb((double) entry, unit);
    }
    if (matrix.unit() != unit) {
      throw new CorruptSketchException(
          "second moments: the largest entry does not have the exponent " + unit);
    }
    return matrix;
  }

  /**
   * Writes the lower half.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    for (double entry : lower) {
      out.putDouble(entry);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param in the bytes
   * @param dim order of the matrix
   * @param largest bound on every |entry|
   * @throws CorruptSketchException if the bytes are too few or an entry is out of range
   */
  public static SecondMoment read(WireReader in, int dim, double largest) {
    in.require(bytes(dim));
    SecondMoment matrix = new SecondMoment(dim);
    for (int e = 0; e < matrix.lower.length; e++) {
      matrix.lower[e] = in.getDouble();
      if (!(Math.abs(matrix.lower[e]) <= largest)) {
        throw new CorruptSketchException(
            "second moment: expected at most %s in size, got %s"
                .formatted(largest, matrix.lower[e]));
      }
    }
    return matrix;
  }
}
