// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

/**
 * The coordinates of the symmetric tensor power of a vector: all products of {@code degree} of its
 * coordinates, each once. They lack their multinomial factors, because leverages do not depend on
 * the scale of a coordinate.
 */
final class Monomials {

  private Monomials() {}

  /** Returns binom(dim + degree - 1, degree), for dim up to 8192 and degree up to 3. */
  static long count(int dim, int degree) {
    long count = 1;
    for (int g = 1; g <= degree; g++) {
      count = count * (dim + g - 1) / g;
    }
    return count;
  }

  /** Writes the products of the {@code dim} numbers that start at {@code offset}. */
  static void evaluate(float[] x, int offset, int dim, int degree, double[] out) {
    fill(x, offset, dim, 0, degree, 1, out, 0);
  }

  private static int fill(
      float[] x, int offset, int dim, int first, int degree, double product, double[] out, int at) {
    if (degree == 0) {
      out[at] = product;
      return at + 1;
    }
    int next = at;
    for (int l = first; l < dim; l++) {
      next = fill(x, offset, dim, l, degree - 1, product * x[offset + l], out, next);
    }
    return next;
  }
}
