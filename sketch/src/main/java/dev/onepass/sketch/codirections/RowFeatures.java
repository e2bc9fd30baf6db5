// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

/**
 * The features x of the rows of a buffer. A buffer holds short rows, for example keys, while the
 * product is one of their long features, for example monomials.
 */
public interface RowFeatures {

  /** Returns the length of x. */
  int dim();

  /**
   * Computes the features of a row that are not 0. They remain until the next call.
   *
   * @param rows the rows
   * @param row number of the row, from 0
   * @return how many there are
   */
  int expand(SparseRows rows, int row);

  /** Returns the index of a feature of the expanded row, from 0 to {@link #dim()} - 1. */
  int index(int feature);

  /** Returns the value of a feature of the expanded row. */
  double value(int feature);

  /**
   * Returns the product of given features with those of a row.
   *
   * @param features {@link #dim()} numbers
   * @param rows the rows
   * @param row number of the row, from 0
   */
  double dot(double[] features, SparseRows rows, int row);
}
