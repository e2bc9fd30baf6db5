package dev.onepass.sketch.api;

import java.util.List;

/**
 * The large entries of every column of the output matrix.
 *
 * @param rows queries added
 * @param columns one per output coordinate
 */
public record Recovery(long rows, List<Column> columns) {

  /**
   * A sparse approximation T_i of a column y_i.
   *
   * @param rows the rows that are kept, the largest value first
   * @param values estimates of y_i there
   * @param norm estimate of |y_i|, the Euclidean norm of the column
   * @param tail estimate of |y_i - T_i| / |y_i|: about 1 where the column is flat and recovery says
   *     nothing, near 0 where the kept rows are all there is
   */
  public record Column(long[] rows, float[] values, double norm, double tail) {}
}
