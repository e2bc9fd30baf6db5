package dev.onepass.sketch.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of float matrices in blocks of {@value #ROWS} rows by two vectors of columns: eight sums
 * stay in registers, which is what two multiply-add units of four cycles each need to be busy.
 *
 * <p>A matrix is an array, an offset and two strides, so that a transposed one costs nothing.
 */
final class VectorProducts {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  private static final int ROWS = 4;

  private VectorProducts() {}

  static int bits() {
    return SPECIES.vectorBitSize();
  }

  /**
   * {@code sum += left right}. Each entry is summed over {@code inner} first and added to the sum
   * once.
   *
   * @param left entry (r, i) stands at {@code leftAt + r leftRow + i leftColumn}
   * @param rows rows of left and sum
   * @param inner columns of left, rows of right
   * @param right entry (i, c) stands at {@code rightAt + i rightRow + c}
   * @param columns columns of right and sum
   * @param sum entry (r, c) stands at {@code sumAt + r sumRow + c}
   */
  static void add(
      float[] left,
      int leftAt,
      int leftRow,
      int leftColumn,
      int rows,
      int inner,
      float[] right,
      int rightAt,
      int rightRow,
      int columns,
      float[] sum,
      int sumAt,
      int sumRow) {
    int c = 0;
    for (; c + 2 * LANES <= columns; c += 2 * LANES) {
      int r = 0;
      for (; r + ROWS <= rows; r += ROWS) {
        fourByTwo(
            left,
            leftAt + r * leftRow,
            leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            sumAt + r * sumRow + c,
            sumRow);
      }
      for (; r < rows; r++) {
        int from = leftAt + r * leftRow;
        int to = sumAt + r * sumRow + c;
        oneByOne(left, from, leftColumn, inner, right, rightAt + c, rightRow, sum, to);
        oneByOne(
            left, from, leftColumn, inner, right, rightAt + c + LANES, rightRow, sum, to + LANES);
      }
    }
    for (; c + LANES <= columns; c += LANES) {
      for (int r = 0; r < rows; r++) {
        oneByOne(
            left,
            leftAt + r * leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            sumAt + r * sumRow + c);
      }
    }
    for (; c < columns; c++) {
      for (int r = 0; r < rows; r++) {
        float entry = 0;
        for (int i = 0, l = leftAt + r * leftRow, k = rightAt + c; i < inner; i++) {
          entry += left[l] * right[k];
          l += leftColumn;
          k += rightRow;
        }
        sum[sumAt + r * sumRow + c] += entry;
      }
    }
  }

  private static void fourByTwo(
      float[] left,
      int leftAt,
      int leftRow,
      int leftColumn,
      int inner,
      float[] right,
      int rightAt,
      int rightRow,
      float[] sum,
      int sumAt,
      int sumRow) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++) {
      FloatVector right0 = FloatVector.fromArray(SPECIES, right, k);
      FloatVector right1 = FloatVector.fromArray(SPECIES, right, k + LANES);
      FloatVector a = FloatVector.broadcast(SPECIES, left[l]);
      a0 = a.fma(right0, a0);
      a1 = a.fma(right1, a1);
      FloatVector b = FloatVector.broadcast(SPECIES, left[l + leftRow]);
      b0 = b.fma(right0, b0);
      b1 = b.fma(right1, b1);
      FloatVector c = FloatVector.broadcast(SPECIES, left[l + 2 * leftRow]);
      c0 = c.fma(right0, c0);
      c1 = c.fma(right1, c1);
      FloatVector d = FloatVector.broadcast(SPECIES, left[l + 3 * leftRow]);
      d0 = d.fma(right0, d0);
      d1 = d.fma(right1, d1);
      l += leftColumn;
      k += rightRow;
    }
    add(sum, sumAt, a0, a1);
    add(sum, sumAt + sumRow, b0, b1);
    add(sum, sumAt + 2 * sumRow, c0, c1);
    add(sum, sumAt + 3 * sumRow, d0, d1);
  }

  private static void add(float[] sum, int at, FloatVector first, FloatVector second) {
    first.add(FloatVector.fromArray(SPECIES, sum, at)).intoArray(sum, at);
    second.add(FloatVector.fromArray(SPECIES, sum, at + LANES)).intoArray(sum, at + LANES);
  }

  private static void oneByOne(
      float[] left,
      int leftAt,
      int leftColumn,
      int inner,
      float[] right,
      int rightAt,
      int rightRow,
      float[] sum,
      int sumAt) {
    FloatVector entry = FloatVector.zero(SPECIES);
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++) {
      entry =
          FloatVector.broadcast(SPECIES, left[l])
              .fma(FloatVector.fromArray(SPECIES, right, k), entry);
      l += leftColumn;
      k += rightRow;
    }
    entry.add(FloatVector.fromArray(SPECIES, sum, sumAt)).intoArray(sum, sumAt);
  }
}
