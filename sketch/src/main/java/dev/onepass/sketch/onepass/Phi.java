// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

/**
 * Phi (m1 x n), the matrix of l2/l2 sparse recovery. It consists of a CountSketch of {@code rows}
 * rows of {@code buckets} buckets (Charikar, Chen and Farach-Colton 2002), and of {@code groupRows}
 * more rows with the same number of buckets for groups of {@value #GROUP} neighbouring matrix rows.
 * m1 = (rows + groupRows) buckets; a cell is one of the m1.
 *
 * <p>A group row hashes the group to a bucket, and gives every row of the group its own sign and
 * magnitude (1 to 2.75). So the cell is a random sum of the group, whose size is about the
 * Euclidean norm of the group. It does not cancel like the plain sums of a dyadic stack; two equal
 * entries of opposite signs cancel in at most a sixteenth of the group rows. Groups that hold a
 * large entry are found first, and only their rows are estimated: decoding n rows looks at n /
 * {@value #GROUP} groups and at a few hundred rows for each of k. Group rows add a share groupRows
 * / rows of memory, while a full dyadic stack or bit tests would multiply it by log2 n.
 *
 * <p>The rows + groupRows hashes are independent of each other.
 */
final class Phi {

  /** Neighbouring rows that are searched together. */
  static final int GROUP = 256;

  private static final int GROUP_BITS = 8;

  /**
   * The sizes of a Phi.
   *
   * @param rows rows of the CountSketch, odd
   * @param groupRows rows for groups, odd and at most {@code rows}
   * @param buckets buckets of each row
   */
  record Shape(int rows, int groupRows, int buckets) {

    /** Returns m1. */
    long cells() {
      return (long) (rows + groupRows) * buckets;
    }
  }

  private final Shape shape;
  private final RowHash[] leaves;
  private final RowHash[] groups;

  Phi(Shape shape, long seed) {
    this.shape = shape;
    leaves = new RowHash[shape.rows()];
    for (int r = 0; r < leaves.length; r++) {
      leaves[r] = new RowHash(seed, 2 * r);
    }
    groups = new RowHash[shape.groupRows()];
    for (int r = 0; r < groups.length; r++) {
      groups[r] = new RowHash(seed, 2 * r + 1);
    }
  }

  Shape shape() {
    return shape;
  }

  /** Returns the group of a matrix row. */
  static long group(long row) {
    return row >>> GROUP_BITS;
  }

  /**
   * Writes the cells of the CountSketch in which column j of Phi is not 0, one per row, and its
   * signs there.
   */
  void locate(long j, int[] cells, double[] weights) {
    for (int r = 0; r < leaves.length; r++) {
      long value = leaves[r].value(j);
      cells[r] = r * shape.buckets() + RowHash.bucket(value, shape.buckets());
      weights[r] = RowHash.sign(value);
    }
  }

  /**
   * Writes the cells of a group, one per group row.
   *
   * @param offset where the cells begin in the array
   */
  void locateGroup(long group, int[] cells, int offset) {
    for (int r = 0; r < groups.length; r++) {
      cells[offset + r] =
          (leaves.length + r) * shape.buckets()
              + RowHash.bucket(groups[r].value(group), shape.buckets());
    }
  }

  /**
   * Writes column j of Phi: rows + groupRows cells and the entries there. A group row takes its
   * signs and magnitudes from the CountSketch row with the same number, whose hash is independent
   * of the group row's.
   */
  void column(long j, int[] cells, double[] weights) {
    for (int r = 0; r < leaves.length; r++) {
      long value = leaves[r].value(j);
      cells[r] = r * shape.buckets() + RowHash.bucket(value, shape.buckets());
      weights[r] = RowHash.sign(value);
      if (r < groups.length) {
        weights[leaves.length + r] = RowHash.sign(value) * RowHash.magnitude(value);
      }
    }
    locateGroup(group(j), cells, leaves.length);
  }
}
