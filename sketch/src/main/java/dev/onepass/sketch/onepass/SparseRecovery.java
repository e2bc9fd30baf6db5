package dev.onepass.sketch.onepass;

import dev.onepass.sketch.Recovery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The decode Z -> T: from Z_i = Phi y_i the 2 k largest entries of each column, and how much of the
 * column they leave out.
 *
 * <p>A row's estimate is the median, over the rows of the CountSketch, of sign times cell. The tail
 * comes from Phi alone, which is linear: Z_i - Phi T_i is the sketch of y_i - T_i, and the squares
 * of one row of it sum to |y_i - T_i|^2 on average; the median over the rows is the estimate.
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
  private final int[] signs;
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
    signs = new int[phi.shape().rows()];
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
    long[] keptRows = new long[kept.length];
    float[] values = new float[kept.length];
    for (int i = 0; i < kept.length; i++) {
      keptRows[i] = kept[i].row();
      values[i] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, kept[i].value()));
      phi.locate(keptRows[i], cells, signs);
      for (int r = 0; r < cells.length; r++) {
        z[cells[r]] -= signs[r] * (double) values[i];
      }
    }
    return new Recovery.Column(keptRows, values, norm, norm > 0 ? norm(z) / norm : 0);
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
