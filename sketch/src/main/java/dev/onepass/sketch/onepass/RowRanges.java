// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The rows of an n-row matrix that a sketch of it holds: a few disjoint ranges in ascending order,
 * with gaps between them.
 *
 * <p>They make merging safe. A row's sign enters a product of two sketches squared. If two parts
 * used the same row for two different tokens, the product of the sums would have u_1 v_2' + u_2
 * v_1' at full size and always with a positive sign. That is not noise, which more buckets would
 * reduce, but a bias. So parts that share a row are not merged. Parts of one sequence that will be
 * merged (shards) begin at rows far apart.
 *
 * <p>Bytes: count (i4), then from (i8) and to (i8, exclusive) of each range.
 */
final class RowRanges {

  /** The largest number of ranges. */
  static final int MAX = 16;

  /** The largest number of bytes of all ranges. */
  static final int MAX_BYTES = 4 + 16 * MAX;

  /** Bound on rows. */
  static final long MAX_ROW = 1L << 60;

  private final long[] from = new long[MAX];
  private final long[] to = new long[MAX];
  private int size;

  /** Returns the number of ranges. */
  int size() {
    return size;
  }

  /** Returns the first row of a range. */
  long from(int range) {
    return from[range];
  }

  /** Returns one past the last row of a range. */
  long to(int range) {
    return to[range];
  }

  /** Returns whether a number lies within 0..{@link #MAX_ROW}. */
  static boolean isRow(long row) {
    return row >= 0 && row <= MAX_ROW;
  }

  /** Returns the number of rows in all ranges. */
  long rows() {
    long rows = 0;
    for (int i = 0; i < size; i++) {
      rows += to[i] - from[i];
    }
    return rows;
  }

  /** Returns one past the last row; 0 if there is none. */
  long end() {
    return size == 0 ? 0 : to[size - 1];
  }

  /**
   * Returns the first row, from {@code wanted} on, after which {@code count} rows are free; the end
   * of all ranges if there would otherwise be too many ranges.
   */
  long free(long wanted, int count) {
    long row = wanted;
    boolean continues = false;
    for (int i = 0; i < size; i++) {
      if (row < to[i] && from[i] < row + count) {
        row = to[i];
      }
      continues |= row == to[i];
    }
    return size == MAX && !continues ? end() : row;
  }

  /**
   * Adds rows.
   *
   * @throws IncompatibleSketchException if one of the rows is there already, or if there would be
   *     too many ranges; nothing is added then
   */
  void add(long first, long end) {
    if (first == end) {
      return;
    }
    if (first < 0 || first > end || end > MAX_ROW) {
      throw new IllegalArgumentException(
          "Expected ascending rows within 0 to %d, got %d to %d.".formatted(MAX_ROW, first, end));
    }
    int at = 0;
    while (at < size && to[at] < first) {
      at++;
    }
    // Ranges at .. last - 1 touch the new range or overlap with it.
    int last = at;
    long low = first;
    long high = end;
    while (last < size && from[last] <= end) {
      if (from[last] < end && first < to[last]) {
        throw new IncompatibleSketchException(
            "Rows %d to %d are there already. Parts that share rows cannot be merged; give each part another %s."
                .formatted(
                    Math.max(first, from[last]),
                    Math.min(end, to[last]) - 1,
                    OnepassFamily.FIRST_ROW));
      }
      low = Math.min(low, from[last]);
      high = Math.max(high, to[last]);
      last++;
    }
    int newSize = size - (last - at) + 1;
    if (newSize > MAX) {
      throw new IncompatibleSketchException(
          "Rows in more than %d separate ranges cannot be merged.".formatted(MAX));
    }
    System.arraycopy(from, last, from, at + 1, size - last);
    System.arraycopy(to, last, to, at + 1, size - last);
    from[at] = low;
    to[at] = high;
    size = newSize;
  }

  /**
   * Adds all rows of another set.
   *
   * @throws IncompatibleSketchException as {@link #add}; nothing is added then
   */
  void addAll(RowRanges other) {
    RowRanges sum = copy();
    for (int i = 0; i < other.size; i++) {
      sum.add(other.from[i], other.to[i]);
    }
    System.arraycopy(sum.from, 0, from, 0, MAX);
    System.arraycopy(sum.to, 0, to, 0, MAX);
    size = sum.size;
  }

  private RowRanges copy() {
    RowRanges copy = new RowRanges();
    System.arraycopy(from, 0, copy.from, 0, MAX);
    System.arraycopy(to, 0, copy.to, 0, MAX);
    copy.size = size;
    return copy;
  }

  int bytes() {
    return 4 + 16 * size;
  }

  void write(WireWriter out) {
    out.putInt(size);
    for (int i = 0; i < size; i++) {
      out.putLong(from[i]);
      out.putLong(to[i]);
    }
  }

  static RowRanges read(WireReader in) {
    RowRanges ranges = new RowRanges();
    ranges.size = in.getInt("ranges of rows", 0, MAX);
    long before = -1;
    for (int i = 0; i < ranges.size; i++) {
      ranges.from[i] = in.getLong();
      ranges.to[i] = in.getLong();
      if (ranges.from[i] <= before || ranges.to[i] <= ranges.from[i] || ranges.to[i] > MAX_ROW) {
        throw new CorruptSketchException("ranges of rows: expected disjoint and ascending ones");
      }
      before = ranges.to[i];
    }
    return ranges;
  }
}
