// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

/**
 * A matrix A with a row for each user and a column for each item, of which only the entries of
 * events are kept. Events of the same user and item add up.
 */
final class SparseMatrix {
  private final int columns;
  private final int[] rowEnds;
  private final int[] entryColumns;
  private final float[] entries;

  /**
   * Makes a matrix.
   *
   * @param weights what each event adds to the entry of its user and item
   */
  SparseMatrix(Events events, float[] weights) {
    columns = events.itemCount();
    rowEnds = new int[events.userCount()];
    entryColumns = new int[events.count()];
    entries = new float[events.count()];
    int[] counts = events.countsOfUsers();
    for (int row = 1; row < counts.length; row++) {
      rowEnds[row] = rowEnds[row - 1] + counts[row - 1];
    }
    // Begins of rows become ends while the rows fill.
    for (int e = 0; e < weights.length; e++) {
      int at = rowEnds[events.users()[e]]++;
      entryColumns[at] = events.items()[e];
      entries[at] = weights[e];
    }
  }

  int columns() {
    return columns;
  }

  /** Returns A' A x. */
  double[] gram(double[] x) {
    double[] product = new double[columns];
    int begin = 0;
    for (int end : rowEnds) {
      double sum = 0;
      for (int at = begin; at < end; at++) {
        sum += entries[at] * x[entryColumns[at]];
      }
      for (int at = begin; at < end; at++) {
        product[entryColumns[at]] += entries[at] * sum;
      }
      begin = end;
    }
    return product;
  }
}
