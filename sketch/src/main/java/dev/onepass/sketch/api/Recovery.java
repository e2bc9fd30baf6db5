// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

import java.util.List;

/**
 * Holds the large entries of every column of the output matrix.
 *
 * @param rows number of queries added
 * @param columns one per output coordinate
 */
public record Recovery(long rows, List<Column> columns) {

  /**
   * A sparse approximation T_i of a column y_i.
   *
   * @param rows the rows that are kept, ordered by decreasing |value|
   * @param values estimates of y_i in these rows
   * @param norm estimate of |y_i|, the Euclidean norm of the column
   * @param tail estimate of |y_i - T_i| / |y_i|: about 1 if the column is flat and recovery finds
   *     nothing, near 0 if the kept rows are the whole column
   */
  public record Column(long[] rows, float[] values, double norm, double tail) {}
}
