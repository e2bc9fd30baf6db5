// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.codirections.RowFeatures;
import dev.onepass.sketch.codirections.SparseRows;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.polynomial.TaylorPolynomial;
import java.util.Arrays;

/**
 * The features phi of keys of which most coordinates are 0. A key with m other coordinates has
 * binom(m + degree, degree) features other than 0: the monomials of these coordinates.
 */
final class KeyMonomials implements RowFeatures {

  private final MonomialBasis basis;
  private int[] indices = new int[64];
  private double[] values = new double[64];

  /** For each feature, the place among the key's coordinates of its last coordinate. */
  private int[] places = new int[64];

  KeyMonomials(MonomialBasis basis) {
    this.basis = basis;
  }

  @Override
  public int dim() {
    return basis.size();
  }

  @Override
  public int expand(SparseRows rows, int row) {
    int from = rows.begin(row);
    int coordinates = rows.begin(row + 1) - from;
    reserve((int) MonomialBasis.size(coordinates, basis.degree()));
    indices[0] = 0;
    values[0] = 1;
    places[0] = 0;
    int count = 1;
    int begin = 0;
    for (int degree = 1; degree <= basis.degree(); degree++) {
      int end = count;
      for (int parent = begin; parent < end; parent++) {
        for (int i = places[parent]; i < coordinates; i++) {
          int child = basis.child(indices[parent], rows.index(from + i));
          indices[count] = child;
          values[count] = values[parent] * rows.value(from + i) * basis.factor(child);
          places[count++] = i;
        }
      }
      begin = end;
    }
    return count;
  }

  private void reserve(int count) {
    if (count > indices.length) {
      indices = new int[count];
      values = new double[count];
      places = Arrays.copyOf(places, count);
    }
  }

  @Override
  public int index(int feature) {
    return indices[feature];
  }

  @Override
  public double value(int feature) {
    return values[feature];
  }

  /**
   * {@inheritDoc}
   *
   * <p>The features of degree 1 of a query are its coordinates, so its product with all features of
   * a key is the polynomial of their product with the key.
   */
  @Override
  public double dot(double[] features, SparseRows rows, int row) {
    double logit = 0;
    for (int e = rows.begin(row); e < rows.begin(row + 1); e++) {
      logit += features[1 + rows.index(e)] * rows.value(e);
    }
    return TaylorPolynomial.value(basis.degree(), logit);
  }

  /** Returns the norm of all features of a row. */
  double norm(SparseRows rows, int row) {
    double norm = rows.norm(row);
    return Math.sqrt(TaylorPolynomial.value(basis.degree(), norm * norm));
  }
}
