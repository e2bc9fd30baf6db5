package dev.onepass.sketch.onepass;

import dev.onepass.sketch.Recovery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The decode Z -> T: from Z_i = Phi y_i the 2 k largest entries of each column, and how much of the
 * column they leave out.
 *
 * <p>A row's estimate is the median, over the rows of the CountSketch, of sign times cell. Of the 2
 * k largest, those that the sketch's own noise would bring forth from the tail are left out: they
 * make T worse, not better, and a flat column is best answered by nothing. Leaving out true entries
 * of that size costs at most {@code k noise^2}, which is below {@code eps1 tail^2 / 2} for the
 * sizes of {@link Guarantee}. The tail comes from Phi alone, which is linear: Z_i - Phi T_i is the
 * sketch of y_i - T_i, and the squares of one row of it sum to |y_i - T_i|^2 on average; the median
 * over the rows is the estimate.
 */
final class SparseRecovery {

  /** Groups looked into for each entry kept. */
  private static final int GROUPS_PER_ENTRY = 2;

  /** How candidates are found. */
  enum Search {
    /** Every row is estimated. */
    SCAN,
    /** Rows of the largest groups are. */
    GROUPS,
    /** Whichever estimates fewer. */
    CHEAPEST
  }

  private final Phi phi;
  private final RowRanges rows;
  private final int entries;
  private final int[] cells;
  private final double[] signs;
  private final double[] sample;

  /**
   * @param rows the rows that were added
   * @param k sparsity
   */
  SparseRecovery(Phi phi, RowRanges rows, int k) {
    this.phi = phi;
    this.rows = rows;
    this.entries = 2 * k;
    cells = new int[phi.shape().rows()];
    signs = new double[phi.shape().rows()];
    sample = new double[phi.shape().rows()];
  }

  /**
   * Decodes all columns.
   *
   * @param z one array of m1 cells a column; overwritten
   */
  Recovery recover(double[][] z, Search search) {
    TopRows[] top = new TopRows[z.length];
    Arrays.setAll(top, ignored -> new TopRows(entries));
    int groups = GROUPS_PER_ENTRY * entries;
    // Hashing a row once for all columns costs about as much as estimating it in eight of them.
    double scan = (double) rows.rows() * (8 + z.length);
    double byGroups =
        z.length * ((double) rows.rows() / Phi.GROUP + (double) groups * Phi.GROUP) * 9;
    if (search == Search.SCAN || search == Search.CHEAPEST && scan <= byGroups) {
      for (int i = 0; i < rows.size(); i++) {
        scan(z, rows.from(i), rows.to(i), top);
      }
    } else {
      for (int c = 0; c < z.length; c++) {
        double[][] column = {z[c]};
        TopRows[] topOfColumn = {top[c]};
        for (long group : largestGroups(z[c], groups)) {
          long first = group * Phi.GROUP;
          for (int i = 0; i < rows.size(); i++) {
            long from = Math.max(first, rows.from(i));
            scan(column, from, Math.min(first + Phi.GROUP, rows.to(i)), topOfColumn);
          }
        }
      }
    }
    List<Recovery.Column> columns = new ArrayList<>(z.length);
    for (int c = 0; c < z.length; c++) {
      columns.add(column(z[c], top[c].entries()));
    }
    return new Recovery(rows.rows(), columns);
  }

  private void scan(double[][] z, long from, long to, TopRows[] top) {
    for (long j = from; j < to; j++) {
      phi.locate(j, cells, signs);
      for (int c = 0; c < z.length; c++) {
        double threshold = top[c].threshold();
        int above = 0;
        int below = 0;
        for (int r = 0; r < cells.length; r++) {
          double estimate = signs[r] * z[c][cells[r]];
          sample[r] = estimate;
          above += estimate > threshold ? 1 : 0;
          below += estimate < -threshold ? 1 : 0;
        }
        // Unless a majority lies beyond the threshold on one side, the median does not.
        if (2 * Math.max(above, below) > cells.length) {
          top[c].offer(j, median(sample, cells.length));
        }
      }
    }
  }

  /** The groups whose signed sums are largest, in ascending order. */
  private long[] largestGroups(double[] z, int count) {
    int groupRows = phi.shape().groupRows();
    int[] groupCells = new int[groupRows];
    double[] sizes = new double[groupRows];
    TopRows top = new TopRows(count);
    long next = 0;
    for (int i = 0; i < rows.size(); i++) {
      long last = Phi.group(rows.to(i) - 1);
      for (long group = Math.max(next, Phi.group(rows.from(i))); group <= last; group++) {
        phi.locateGroup(group, groupCells, 0);
        for (int r = 0; r < groupRows; r++) {
          sizes[r] = Math.abs(z[groupCells[r]]);
        }
        top.offer(group, median(sizes, groupRows));
      }
      next = last + 1;
    }
    return Arrays.stream(top.entries()).mapToLong(TopRows.Entry::row).sorted().toArray();
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
    phi.locate(j, cells, signs);
    for (int r = 0; r < cells.length; r++) {
      z[cells[r]] += signs[r] * value;
    }
  }

  /**
   * How large the largest of the estimates of n rows is that are 0, where the tail is 1: each has
   * deviation {@code sqrt(pi / (2 R b))}, as the median of R normal numbers of variance 1 / b.
   */
  private double noise() {
    double cells = (double) phi.shape().rows() * phi.shape().buckets();
    return Math.sqrt(Math.PI / 2 / cells * 2 * Math.log(2.0 * Math.max(1, rows.rows())));
  }

  /** Norm of the vector that z is the sketch of. */
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

  /** The middle one of the first {@code count} numbers, an odd count; changes their order. */
  private static double median(double[] x, int count) {
    Arrays.sort(x, 0, count);
    return x[count / 2];
  }
}
