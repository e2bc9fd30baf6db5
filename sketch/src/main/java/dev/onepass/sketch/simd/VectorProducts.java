// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of float matrices in blocks of four rows, or of six on machines with enough registers,
 * by two or three vectors of columns, whose sums stay in registers. Two multiply-add units with a
 * latency of four cycles need eight sums; more sums save loads.
 *
 * <p>A matrix is an array, an offset and two strides, so that transposing one costs nothing.
 *
 * <p>The class is long because each block size is written out: the compiler keeps sums in registers
 * only if they are local variables.
 */
final class VectorProducts {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Whether there are registers for more than 12 sums. */
  private static final boolean LARGE = SPECIES.vectorBitSize() >= 512;

  /** Minimum number of rows for which packing columns is worth its cost. */
  private static final int LEAST_PACKED = 4;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private VectorProducts() {}

  /** Returns the bits of a vector. */
  static int bits() {
    return SPECIES.vectorBitSize();
  }

  /**
   * Computes {@code sum += left right}. Each entry is first summed over {@code inner} and then
   * added to the sum once.
   *
   * @param left entry (r, i) is at {@code leftAt + r leftRow + i leftColumn}
   * @param rows rows of left and sum
   * @param inner columns of left, rows of right
   * @param right entry (i, c) is at {@code rightAt + i rightRow + c}
   * @param columns columns of right and sum
   * @param sum entry (r, c) is at {@code sumAt + r sumRow + c}
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
    int whole = columns / LANES * LANES;
    addWhole(
        left,
        leftAt,
        leftRow,
        leftColumn,
        rows,
        inner,
        right,
        rightAt,
        rightRow,
        whole,
        sum,
        sumAt,
        sumRow);
    // Rounds each term twice and not by fma, because stored states contain sums of these.
    for (int r = 0; r < rows; r++) {
      for (int c = whole; c < columns; c++) {
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

  /**
   * Computes {@code sum += left right} for dense matrices. Columns that do not fill a vector are as
   * fast as others, and the bits of a row do not depend on the number of rows.
   */
  static void add(float[] left, int rows, int inner, float[] right, int columns, float[] sum) {
    int whole = columns / LANES * LANES;
    addWhole(left, 0, inner, 1, rows, inner, right, 0, columns, whole, sum, 0, columns);
    if (whole < columns && rows < LEAST_PACKED) {
      for (int r = 0; r < rows; r++) {
        for (int c = whole; c < columns; c++) {
          float entry = 0;
          for (int i = 0, l = r * inner, k = c; i < inner; i++, l++, k += columns) {
            entry = Math.fma(left[l], right[k], entry);
          }
          sum[r * columns + c] += entry;
        }
      }
    } else if (whole < columns) {
      Scratch tail = SCRATCH.get();
      tail.pack(right, whole, columns, inner, rows);
      addWhole(left, 0, inner, 1, rows, inner, tail.right, 0, LANES, LANES, tail.sum, 0, LANES);
      tail.addTo(sum, whole, columns, rows);
    }
  }

  /** Columns that do not fill a vector, padded with zeros; one object per thread. */
  private static final class Scratch {
    float[] right = {};
    float[] sum = {};

    /** Copies the columns from {@code first} to {@code end}. */
    void pack(float[] from, int first, int end, int inner, int rows) {
      if (right.length < inner * LANES) {
        right = new float[inner * LANES];
      }
      if (sum.length < rows * LANES) {
        sum = new float[rows * LANES];
      }
      Arrays.fill(right, 0, inner * LANES, 0);
      Arrays.fill(sum, 0, rows * LANES, 0);
      for (int i = 0; i < inner; i++) {
        for (int c = first; c < end; c++) {
          right[i * LANES + c - first] = from[i * end + c];
        }
      }
    }

    /** Adds the padded sums to the columns from {@code first} to {@code end}. */
    void addTo(float[] to, int first, int end, int rows) {
      for (int r = 0; r < rows; r++) {
        for (int c = first; c < end; c++) {
          to[r * end + c] += sum[r * LANES + c - first];
        }
      }
    }
  }

  /** Computes the first product for columns that fill vectors. */
  private static void addWhole(
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
    int wide = columns / (2 * LANES) * (2 * LANES);
    // Threes are chosen such that twos fill the rest, unless there is only one vector.
    int vectors = columns / LANES;
    int threes = Math.max(0, vectors % 3 == 1 ? vectors / 3 - 1 : vectors / 3) * 3 * LANES;
    int r = 0;
    for (; LARGE && r + 6 <= rows; r += 6) {
      int from = leftAt + r * leftRow;
      int to = sumAt + r * sumRow;
      int c = 0;
      for (; c < threes; c += 3 * LANES) {
        sixByThree(
            left,
            from,
            leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            to + c,
            sumRow);
      }
      for (; c + 2 * LANES <= columns; c += 2 * LANES) {
        sixByTwo(
            left,
            from,
            leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            to + c,
            sumRow);
      }
      if (c < columns) {
        sixByOne(
            left,
            from,
            leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            to + c,
            sumRow);
      }
    }
    int six = r;
    for (; r + 4 <= rows; r += 4) {
      int from = leftAt + r * leftRow;
      int to = sumAt + r * sumRow;
      for (int c = 0; c < wide; c += 2 * LANES) {
        fourByTwo(
            left,
            from,
            leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            to + c,
            sumRow);
      }
    }
    for (; r + 2 <= rows; r += 2) {
      for (int c = 0; c < wide; c += 2 * LANES) {
        twoByTwo(
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
    }
    for (int rest = six; rest < rows; rest++) {
      for (int c = rest < r ? wide : 0; c < columns; c += LANES) {
        oneByOne(
            left,
            leftAt + rest * leftRow,
            leftColumn,
            inner,
            right,
            rightAt + c,
            rightRow,
            sum,
            sumAt + rest * sumRow + c);
      }
    }
  }

  private static void sixByThree(
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
    FloatVector a2 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector c2 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    FloatVector d2 = a0;
    FloatVector e0 = a0;
    FloatVector e1 = a0;
    FloatVector e2 = a0;
    FloatVector f0 = a0;
    FloatVector f1 = a0;
    FloatVector f2 = a0;
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++, l += leftColumn, k += rightRow) {
      FloatVector right0 = FloatVector.fromArray(SPECIES, right, k);
      FloatVector right1 = FloatVector.fromArray(SPECIES, right, k + LANES);
      FloatVector right2 = FloatVector.fromArray(SPECIES, right, k + 2 * LANES);
      FloatVector a = FloatVector.broadcast(SPECIES, left[l]);
      a0 = a.fma(right0, a0);
      a1 = a.fma(right1, a1);
      a2 = a.fma(right2, a2);
      FloatVector b = FloatVector.broadcast(SPECIES, left[l + leftRow]);
      b0 = b.fma(right0, b0);
      b1 = b.fma(right1, b1);
      b2 = b.fma(right2, b2);
      FloatVector c = FloatVector.broadcast(SPECIES, left[l + 2 * leftRow]);
      c0 = c.fma(right0, c0);
      c1 = c.fma(right1, c1);
      c2 = c.fma(right2, c2);
      FloatVector d = FloatVector.broadcast(SPECIES, left[l + 3 * leftRow]);
      d0 = d.fma(right0, d0);
      d1 = d.fma(right1, d1);
      d2 = d.fma(right2, d2);
      FloatVector e = FloatVector.broadcast(SPECIES, left[l + 4 * leftRow]);
      e0 = e.fma(right0, e0);
      e1 = e.fma(right1, e1);
      e2 = e.fma(right2, e2);
      FloatVector f = FloatVector.broadcast(SPECIES, left[l + 5 * leftRow]);
      f0 = f.fma(right0, f0);
      f1 = f.fma(right1, f1);
      f2 = f.fma(right2, f2);
    }
    int a = sumAt;
    FloatVector.fromArray(SPECIES, sum, a).add(a0).intoArray(sum, a);
    FloatVector.fromArray(SPECIES, sum, a + LANES).add(a1).intoArray(sum, a + LANES);
    FloatVector.fromArray(SPECIES, sum, a + 2 * LANES).add(a2).intoArray(sum, a + 2 * LANES);
    int b = sumAt + sumRow;
    FloatVector.fromArray(SPECIES, sum, b).add(b0).intoArray(sum, b);
    FloatVector.fromArray(SPECIES, sum, b + LANES).add(b1).intoArray(sum, b + LANES);
    FloatVector.fromArray(SPECIES, sum, b + 2 * LANES).add(b2).intoArray(sum, b + 2 * LANES);
    int c = sumAt + 2 * sumRow;
    FloatVector.fromArray(SPECIES, sum, c).add(c0).intoArray(sum, c);
    FloatVector.fromArray(SPECIES, sum, c + LANES).add(c1).intoArray(sum, c + LANES);
    FloatVector.fromArray(SPECIES, sum, c + 2 * LANES).add(c2).intoArray(sum, c + 2 * LANES);
    int d = sumAt + 3 * sumRow;
    FloatVector.fromArray(SPECIES, sum, d).add(d0).intoArray(sum, d);
    FloatVector.fromArray(SPECIES, sum, d + LANES).add(d1).intoArray(sum, d + LANES);
    FloatVector.fromArray(SPECIES, sum, d + 2 * LANES).add(d2).intoArray(sum, d + 2 * LANES);
    int e = sumAt + 4 * sumRow;
    FloatVector.fromArray(SPECIES, sum, e).add(e0).intoArray(sum, e);
    FloatVector.fromArray(SPECIES, sum, e + LANES).add(e1).intoArray(sum, e + LANES);
    FloatVector.fromArray(SPECIES, sum, e + 2 * LANES).add(e2).intoArray(sum, e + 2 * LANES);
    int f = sumAt + 5 * sumRow;
    FloatVector.fromArray(SPECIES, sum, f).add(f0).intoArray(sum, f);
    FloatVector.fromArray(SPECIES, sum, f + LANES).add(f1).intoArray(sum, f + LANES);
    FloatVector.fromArray(SPECIES, sum, f + 2 * LANES).add(f2).intoArray(sum, f + 2 * LANES);
  }

  private static void sixByTwo(
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
    FloatVector e0 = a0;
    FloatVector e1 = a0;
    FloatVector f0 = a0;
    FloatVector f1 = a0;
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++, l += leftColumn, k += rightRow) {
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
      FloatVector e = FloatVector.broadcast(SPECIES, left[l + 4 * leftRow]);
      e0 = e.fma(right0, e0);
      e1 = e.fma(right1, e1);
      FloatVector f = FloatVector.broadcast(SPECIES, left[l + 5 * leftRow]);
      f0 = f.fma(right0, f0);
      f1 = f.fma(right1, f1);
    }
    FloatVector.fromArray(SPECIES, sum, sumAt).add(a0).intoArray(sum, sumAt);
    FloatVector.fromArray(SPECIES, sum, sumAt + LANES).add(a1).intoArray(sum, sumAt + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow).add(b0).intoArray(sum, sumAt + sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow + LANES)
        .add(b1)
        .intoArray(sum, sumAt + sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 2 * sumRow)
        .add(c0)
        .intoArray(sum, sumAt + 2 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 2 * sumRow + LANES)
        .add(c1)
        .intoArray(sum, sumAt + 2 * sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 3 * sumRow)
        .add(d0)
        .intoArray(sum, sumAt + 3 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 3 * sumRow + LANES)
        .add(d1)
        .intoArray(sum, sumAt + 3 * sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 4 * sumRow)
        .add(e0)
        .intoArray(sum, sumAt + 4 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 4 * sumRow + LANES)
        .add(e1)
        .intoArray(sum, sumAt + 4 * sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 5 * sumRow)
        .add(f0)
        .intoArray(sum, sumAt + 5 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 5 * sumRow + LANES)
        .add(f1)
        .intoArray(sum, sumAt + 5 * sumRow + LANES);
  }

  private static void sixByOne(
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
    FloatVector b0 = a0;
    FloatVector c0 = a0;
    FloatVector d0 = a0;
    FloatVector e0 = a0;
    FloatVector f0 = a0;
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++, l += leftColumn, k += rightRow) {
      FloatVector column = FloatVector.fromArray(SPECIES, right, k);
      FloatVector a = FloatVector.broadcast(SPECIES, left[l]);
      a0 = a.fma(column, a0);
      FloatVector b = FloatVector.broadcast(SPECIES, left[l + leftRow]);
      b0 = b.fma(column, b0);
      FloatVector c = FloatVector.broadcast(SPECIES, left[l + 2 * leftRow]);
      c0 = c.fma(column, c0);
      FloatVector d = FloatVector.broadcast(SPECIES, left[l + 3 * leftRow]);
      d0 = d.fma(column, d0);
      FloatVector e = FloatVector.broadcast(SPECIES, left[l + 4 * leftRow]);
      e0 = e.fma(column, e0);
      FloatVector f = FloatVector.broadcast(SPECIES, left[l + 5 * leftRow]);
      f0 = f.fma(column, f0);
    }
    FloatVector.fromArray(SPECIES, sum, sumAt).add(a0).intoArray(sum, sumAt);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow).add(b0).intoArray(sum, sumAt + sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 2 * sumRow)
        .add(c0)
        .intoArray(sum, sumAt + 2 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 3 * sumRow)
        .add(d0)
        .intoArray(sum, sumAt + 3 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 4 * sumRow)
        .add(e0)
        .intoArray(sum, sumAt + 4 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 5 * sumRow)
        .add(f0)
        .intoArray(sum, sumAt + 5 * sumRow);
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
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++, l += leftColumn, k += rightRow) {
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
    }
    FloatVector.fromArray(SPECIES, sum, sumAt).add(a0).intoArray(sum, sumAt);
    FloatVector.fromArray(SPECIES, sum, sumAt + LANES).add(a1).intoArray(sum, sumAt + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow).add(b0).intoArray(sum, sumAt + sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow + LANES)
        .add(b1)
        .intoArray(sum, sumAt + sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 2 * sumRow)
        .add(c0)
        .intoArray(sum, sumAt + 2 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 2 * sumRow + LANES)
        .add(c1)
        .intoArray(sum, sumAt + 2 * sumRow + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + 3 * sumRow)
        .add(d0)
        .intoArray(sum, sumAt + 3 * sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + 3 * sumRow + LANES)
        .add(d1)
        .intoArray(sum, sumAt + 3 * sumRow + LANES);
  }

  private static void twoByTwo(
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
    for (int i = 0, l = leftAt, k = rightAt; i < inner; i++, l += leftColumn, k += rightRow) {
      FloatVector right0 = FloatVector.fromArray(SPECIES, right, k);
      FloatVector right1 = FloatVector.fromArray(SPECIES, right, k + LANES);
      FloatVector a = FloatVector.broadcast(SPECIES, left[l]);
      a0 = a.fma(right0, a0);
      a1 = a.fma(right1, a1);
      FloatVector b = FloatVector.broadcast(SPECIES, left[l + leftRow]);
      b0 = b.fma(right0, b0);
      b1 = b.fma(right1, b1);
    }
    FloatVector.fromArray(SPECIES, sum, sumAt).add(a0).intoArray(sum, sumAt);
    FloatVector.fromArray(SPECIES, sum, sumAt + LANES).add(a1).intoArray(sum, sumAt + LANES);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow).add(b0).intoArray(sum, sumAt + sumRow);
    FloatVector.fromArray(SPECIES, sum, sumAt + sumRow + LANES)
        .add(b1)
        .intoArray(sum, sumAt + sumRow + LANES);
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
    FloatVector.fromArray(SPECIES, sum, sumAt).add(entry).intoArray(sum, sumAt);
  }
}
