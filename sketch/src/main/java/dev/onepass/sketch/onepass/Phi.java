package dev.onepass.sketch.onepass;

/**
 * Phi (m1 x n), the matrix of l2/l2 sparse recovery: a CountSketch of {@code rows} rows of {@code
 * buckets} buckets (Charikar, Chen, Farach-Colton 2002), and {@code groupRows} rows more of as many
 * buckets for groups of {@value #GROUP} neighbouring matrix rows. m1 = (rows + groupRows) buckets;
 * a cell is one of the m1.
 *
 * <p>A group row hashes the group to its bucket but gives every row in it a sign and a magnitude (1
 * to 2.75) of its own. So the cell is a random sum of the group, whose size is about the group's
 * Euclidean norm; it does not cancel as the plain sums of a dyadic stack would, nor, in more than a
 * sixteenth of the group rows, as two equal entries of opposite signs do. Groups that hold a large
 * entry are found first, and only their rows are estimated: the decode of n rows looks at n /
 * {@value #GROUP} groups and a few hundred rows for each of k. That costs a share groupRows / rows
 * of memory more, where a full dyadic stack or bit tests cost a factor log2 n.
 *
 * <p>Each of the rows + groupRows hashes is independent of the others.
 */
final class Phi {

  /** Neighbouring rows that are looked for together. */
  static final int GROUP = 256;

  private static final int GROUP_BITS = 8;

  /**
   * Sizes of a Phi.
   *
   * @param rows rows of the CountSketch, odd
   * @param groupRows rows for groups, odd and at most as many
   * @param buckets buckets of each
   */
  record Shape(int rows, int groupRows, int buckets) {

    /** m1. */
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

  /** The group of a matrix row. */
  static long group(long row) {
    return row >>> GROUP_BITS;
  }

  /**
   * The cells of the CountSketch that column j of Phi is not 0 in, one a row, and its signs there.
   */
  void locate(long j, int[] cells, double[] weights) {
    for (int r = 0; r < leaves.length; r++) {
      long value = leaves[r].value(j);
      cells[r] = r * shape.buckets() + RowHash.bucket(value, shape.buckets());
      weights[r] = RowHash.sign(value);
    }
  }

  /** The cells of a group, one a group row, written from {@code offset} on. */
  void locateGroup(long group, int[] cells, int offset) {
    for (int r = 0; r < groups.length; r++) {
      cells[offset + r] =
          (leaves.length + r) * shape.buckets()
              + RowHash.bucket(groups[r].value(group), shape.buckets());
    }
  }

  /**
   * All of column j of Phi: rows + groupRows cells and what it is there. A group row takes its
   * signs and magnitudes from the CountSketch row of the same number, whose hash is independent of
   * the group row's.
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
