package dev.onepass.sketch.codirections;

import java.util.Arrays;

/** Rows of few entries, one after the other. */
final class SparseRows {

  private int[] indices = new int[16];
  private float[] values = new float[16];
  private int[] begins = new int[16];
  private int rows;

  /**
   * @throws IllegalArgumentException unless there are as many indices as values, all within the
   *     dimension
   */
  static void check(int[] rowIndices, float[] rowValues, int dim) {
    if (rowValues.length != rowIndices.length) {
      throw new IllegalArgumentException("as many indices as values are due");
    }
    for (int index : rowIndices) {
      if (index < 0 || index >= dim) {
        throw new IllegalArgumentException("no index of 0..%d: %d".formatted(dim - 1, index));
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

  int rows() {
    return rows;
  }

  int entries() {
    return begins[rows];
  }

  /** First entry of a row; of row {@link #rows()}, the end. */
  int begin(int row) {
    return begins[row];
  }

  int index(int entry) {
    return indices[entry];
  }

  double value(int entry) {
    return values[entry];
  }

  void clear() {
    rows = 0;
  }
}
