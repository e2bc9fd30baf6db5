// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import java.util.Arrays;

/** Sparse rows, stored as indexes and values one row after the other. */
final class SparseRows {

  private int[] indices = new int[16];
  private float[] values = new float[16];
  private int[] begins = new int[16];
  private int rows;

  /**
   * Checks a row.
   *
   * @throws IllegalArgumentException if the numbers of indexes and values differ, or if an index is
   *     not in 0 .. dim - 1
   */
  static void check(int[] rowIndices, float[] rowValues, int dim) {
    if (rowValues.length != rowIndices.length) {
      throw new IllegalArgumentException(
          "Expected %d indexes, one per value, got %d."
              .formatted(rowValues.length, rowIndices.length));
    }
    for (int index : rowIndices) {
      if (index < 0 || index >= dim) {
        throw new IllegalArgumentException("Index %d is not in 0..%d.".formatted(index, dim - 1));
      }
    }
  }

  /** Appends a row and returns its norm. */
  double add(int[] rowIndices, float[] rowValues) {
    int at = begins[rows];
    int end = at + rowIndices.length;
    if (end > indices.length) {
      indices = Arrays.copyOf(indices, Math.max(end, 2 * indices.length));
      values = Arrays.copyOf(values, indices.length);
    }
    System.arraycopy(rowIndices, 0, indices, at, rowIndices.length);
    System.arraycopy(rowValues, 0, values, at, rowIndices.length);
    rows++;
    if (rows == begins.length) {
      begins = Arrays.copyOf(begins, 2 * rows);
    }
    begins[rows] = end;
    double squares = 0;
    for (float value : rowValues) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  /** Returns the number of rows. */
  int rows() {
    return rows;
  }

  /** Returns the number of entries of all rows. */
  int entries() {
    return begins[rows];
  }

  /** Returns the first entry of a row; for row {@link #rows()}, the end. */
  int begin(int row) {
    return begins[row];
  }

  /** Returns the index of an entry. */
  int index(int entry) {
    return indices[entry];
  }

  /** Returns the value of an entry. */
  double value(int entry) {
    return values[entry];
  }

  /** Removes all rows. */
  void clear() {
    rows = 0;
  }
}
