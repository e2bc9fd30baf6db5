package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The rows of the n-row matrix that a sketch of it holds: a few disjoint ranges, ascending, with
 * gaps between them.
 *
 * <p>They are what makes merging safe. A row's sign enters a product of two sketches squared: where
 * two parts used the same row for two different tokens, the product of the sums has u_1 v_2' + u_2
 * v_1' at its full size and with a sign that is always plus. That is no noise which more buckets
 * average out, but a bias; so parts that share a row are not merged. Parts of one sequence that are
 * to be merged later (shards) start at rows far apart.
 *
 * <p>Bytes: count (i4), then from (i8) and to (i8, exclusive) of each range.
 */
final class RowRanges {

  /** More ranges than this are not kept. */
  static final int MAX = 16;

  /** Most bytes that ranges take. */
  static final int MAX_BYTES = 4 + 16 * MAX;

  /** Rows stay below this. */
  static final long MAX_ROW = 1L << 60;

  private final long[] from = new long[MAX];
  private final long[] to = new long[MAX];
  private int size;

  /** Ranges. */
  int size() {
    return size;
  }

  /** First row of a range. */
  long from(int range) {
    return from[range];
  }

  /** One past the last row of a range. */
  long to(int range) {
    return to[range];
  }

  /** Returns whether the number lies within 0..{@link #MAX_ROW}. */
  static boolean isRow(long row) {
    return row >= 0 && row <= MAX_ROW;
  }

  /** Rows in all ranges. */
  long rows() {
    long rows = 0;
    for (int i = 0; i < size; i++) {
      rows += to[i] - from[i];
    }
    return rows;
  }

  /** One past the last row of all; 0 if there is none. */
  long end() {
    return size == 0 ? 0 : to[size - 1];
  }

  /**
   * The first row from {@code wanted} on after which {@code count} rows are free; the end of all
   * ranges if they would otherwise become too many.
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
   * @throws IncompatibleSketchException if one of them is there already, or too many ranges arise;
   *     nothing is added then
   */
  void add(long first, long end) {
    if (first == end) {
      return;
    }
    if (first < 0 || first > end || end > MAX_ROW) {
      throw new IllegalArgumentException("no rows: %d to %d".formatted(first, end));
    }
    int at = 0;
    while (at < size && to[at] < first) {
      at++;
    }
    // Ranges at .. last - 1 touch the new one or overlap with it.
    int last = at;
    long low = first;
    long high = end;
    while (last < size && from[last] <= end) {
      if (from[last] < end && first < to[last]) {
        throw new IncompatibleSketchException(
            "rows %d to %d are there already: parts that share rows cannot be merged, let each start at another %s"
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
          "rows in more than " + MAX + " separate ranges cannot be merged");
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
        throw new CorruptSketchException("the ranges of rows are not disjoint and ascending");
      }
      before = ranges.to[i];
    }
    return ranges;
  }
}
