// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.Recovery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The decoding Z -> T. From Z_i = Phi y_i it recovers the 2 k largest entries of each column, and
 * how much of the column they leave out.
 *
 * <p>A row's estimate is the median of sign times cell over the rows of the CountSketch. Entries
 * that could be noise of the sketch, caused by the tail, are removed from the 2 k largest: they
 * would make T worse, and the best answer for a flat column is an empty one. Removing true entries
 * of that size costs at most {@code k noise^2}, which is below {@code eps1 tail^2 / 2} for the
 * sizes of {@link Guarantee}. The tail follows from Phi alone, because Phi is linear: Z_i - Phi T_i
 * is the sketch of y_i - T_i. The squares in one of its rows sum to |y_i - T_i|^2 on average, and
 * the median over the rows is the estimate.
 */
final class SparseRecovery {

  /** Groups searched for each entry that is kept. */
  private static final int GROUPS_PER_ENTRY = 2;

  /**
   * The most work of a recovery, in cells looked at: 0.4 to 1 s of one core at 1.5 ns per cell.
   * Recovery occupies the thread of a task, and all sequences of the task wait.
   */
  static final double MOST_WORK = 4e8;

  /** Work of hashing a row for one row of Phi. */
  private static final int HASH = 4;

  /**
   * Columns with more cells exceed the nearest caches of the processor; the time per cell then
   * grows with about the square root of their number.
   */
  private static final double NEAR_CELLS = 4096;

  /** Share of {@link #MOST_WORK} up to which every row is estimated, so that none can be missed. */
  private static final double SCAN_SHARE = 0.25;

  /** The ways to find candidates. */
  enum Search {
    /** Estimates every row. */
    SCAN,
    /** Estimates the rows of the largest groups. */
    GROUPS,
    /** Estimates every row if that is fast, otherwise the rows of the largest groups. */
    BEST
  }

  private final Phi phi;
  private final RowRanges rows;
  private final int entries;
  private final int groups;
  private final int[][] cells;
  private final double[][] signs;
  private final double[] sample;

  /**
   * Creates a recovery.
   *
   * @param rows the rows that were added
   * @param k sparsity
   */
  SparseRecovery(Phi phi, RowRanges rows, int k) {
    this.phi = phi;
    this.rows = rows;
    entries = 2 * k;
    groups = GROUPS_PER_ENTRY * entries;
    cells = new int[Phi.GROUP][phi.shape().rows()];
    signs = new double[Phi.GROUP][phi.shape().rows()];
    sample = new double[phi.shape().rows()];
  }

  /** Returns the work of decoding a number of columns, in cells. */
  double work(int columns) {
    return isScan(columns) ? scanWork(columns) : groupsWork(columns);
  }

  private boolean isScan(int columns) {
    return scanWork(columns) <= SCAN_SHARE * MOST_WORK;
  }

  private double scanWork(int columns) {
    double all = rows.rows();
    return work(phi.shape().rows(), all, all * columns);
  }

  private double groupsWork(int columns) {
    double all = (double) rows.rows() / Phi.GROUP;
    double ofEach = Math.min(all, groups);
    double ofAny = Math.min(all, (double) groups * columns);
    return work(phi.shape().groupRows(), all, all * columns)
        + work(phi.shape().rows(), Phi.GROUP * ofAny, Phi.GROUP * ofEach * columns);
  }

  private double work(int rowsOfPhi, double hashed, double estimated) {
    double cellsOfColumn = (double) rowsOfPhi * phi.shape().buckets();
    double cell = Math.max(1, Math.sqrt(cellsOfColumn / NEAR_CELLS));
    return rowsOfPhi * (hashed * HASH + estimated * cell);
  }

  /**
   * Decodes all columns.
   *
   * @param z one array of m1 cells per column; overwritten
   */
  Recovery recover(double[][] z, Search search) {
    TopRows[] top = new TopRows[z.length];
    Arrays.setAll(top, ignored -> new TopRows(entries));
    if (search == Search.SCAN || (search == Search.BEST && isScan(z.length))) {
      BitSet all = new BitSet();
      all.set(0, z.length);
      long next = 0;
      for (int i = 0; i < rows.size(); i++) {
        long last = Phi.group(rows.to(i) - 1);
        for (long group = Math.max(next, Phi.group(rows.from(i))); group <= last; group++) {
          estimate(group, z, all, top);
        }
        next = last + 1;
      }
    } else {
      largestGroups(z).forEach((group, columns) -> estimate(group, z, columns, top));
    }
    List<Recovery.Column> columns = new ArrayList<>(z.length);
    for (int c = 0; c < z.length; c++) {
      columns.add(column(z[c], top[c].entries()));
    }
    return new Recovery(rows.rows(), columns);
  }

  /** Offers the rows of a group to some columns; hashes each row once. */
  private void estimate(long group, double[][] z, BitSet columns, TopRows[] top) {
    for (int i = 0; i < rows.size(); i++) {
      long from = Math.max(group * Phi.GROUP, rows.from(i));
      int count = (int) Math.max(0, Math.min((group + 1) * Phi.GROUP, rows.to(i)) - from);
      for (int j = 0; j < count; j++) {
        phi.locate(from + j, cells[j], signs[j]);
      }
      for (int c = columns.nextSetBit(0); c >= 0; c = columns.nextSetBit(c + 1)) {
        for (int j = 0; j < count; j++) {
          offer(from + j, z[c], cells[j], signs[j], top[c]);
        }
      }
    }
  }

  private void offer(long row, double[] z, int[] at, double[] sign, TopRows top) {
    double threshold = top.threshold();
    int above = 0;
    int below = 0;
    for (int r = 0; r < at.length; r++) {
      double estimate = sign[r] * z[at[r]];
      sample[r] = estimate;
      above += estimate > threshold ? 1 : 0;
      below += estimate < -threshold ? 1 : 0;
    }
    // The median is beyond the threshold only if a majority is beyond it on one side.
    if (2 * Math.max(above, below) > at.length) {
      top.offer(row, median(sample, at.length));
    }
  }

  /** Returns the groups whose signed sums are largest, in ascending order, with their columns. */
  private SortedMap<Long, BitSet> largestGroups(double[][] z) {
    int groupRows = phi.shape().groupRows();
    int[] at = new int[groupRows];
    double[] sizes = new double[groupRows];
    TopRows[] top = new TopRows[z.length];
    Arrays.setAll(top, ignored -> new TopRows(groups));
    long next = 0;
    for (int i = 0; i < rows.size(); i++) {
      long last = Phi.group(rows.to(i) - 1);
      for (long group = Math.max(next, Phi.group(rows.from(i))); group <= last; group++) {
        phi.locateGroup(group, at, 0);
        for (int c = 0; c < z.length; c++) {
          double threshold = top[c].threshold();
          int above = 0;
          for (int r = 0; r < groupRows; r++) {
            sizes[r] = Math.abs(z[c][at[r]]);
            above += sizes[r] > threshold ? 1 : 0;
          }
          if (2 * above > groupRows) {
            top[c].offer(group, median(sizes, groupRows));
          }
        }
      }
      next = last + 1;
    }
    SortedMap<Long, BitSet> columns = new TreeMap<>();
    for (int c = 0; c < z.length; c++) {
      for (TopRows.Entry group : top[c].entries()) {
        columns.computeIfAbsent(group.row(), ignored -> new BitSet()).set(c);
      }
    }
    return columns;
  }

  private Recovery.Column column(double[] z, TopRows.Entry[] kept) {
    double norm = norm(z);
    for (TopRows.Entry entry : kept) {
      add(z, entry.row(), -toFloat(entry.value()));
    }
    double noise = norm(z) * noise();
    int count = kept.length;
    while (count > 0 && Math.abs(kept[count - 1].value()) <= noise) {
      count--;
      add(z, kept[count].row(), toFloat(kept[count].value()));
    }
    long[] keptRows = new long[count];
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      keptRows[i] = kept[i].row();
      values[i] = toFloat(kept[i].value());
    }
    return new Recovery.Column(keptRows, values, norm, norm > 0 ? norm(z) / norm : 0);
  }

  private static float toFloat(double x) {
    return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
  }

  /** Adds Phi times a vector that is {@code value} in row j and 0 elsewhere. */
  private void add(double[] z, long j, double value) {
    phi.locate(j, cells[0], signs[0]);
    for (int r = 0; r < sample.length; r++) {
      z[cells[0][r]] += signs[0][r] * value;
    }
  }

  /**
   * Returns the expected largest estimate among n rows that are 0, relative to a tail of 1. Each
   * estimate has deviation {@code sqrt(pi / (2 R b))}, being the median of R normal numbers of
   * variance 1 / b.
   */
  private double noise() {
    double cells = (double) phi.shape().rows() * phi.shape().buckets();
    return Math.sqrt(Math.PI / 2 / cells * 2 * Math.log(2.0 * Math.max(1, rows.rows())));
  }

  /** Estimates the norm of the vector that z is the sketch of. */
  private double norm(double[] z) {
    int buckets = phi.shape().buckets();
    double largest = 0;
    for (int i = 0; i < sample.length * buckets; i++) {
      largest = Math.max(largest, Math.abs(z[i]));
    }
    if (!(largest > 0)) {
      return 0;
    }
    for (int r = 0; r < sample.length; r++) {
      double squares = 0;
      for (int i = r * buckets; i < (r + 1) * buckets; i++) {
        squares += z[i] / largest * (z[i] / largest);
      }
      sample[r] = squares;
    }
    return largest * Math.sqrt(median(sample, sample.length));
  }

  /** Returns the median of the first {@code count} numbers; count is odd. Changes their order. */
  private static double median(double[] x, int count) {
    Arrays.sort(x, 0, count);
    return x[count / 2];
  }
}
