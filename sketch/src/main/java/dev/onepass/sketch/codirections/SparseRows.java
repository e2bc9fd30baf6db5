// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Sparse rows, stored as indices and values one row after the other.
 *
 * <p>Bytes of a row, little-endian: the number of entries (i2), then for each entry its index (i2)
 * and value (f4). A row of which most entries are not 0 has an entry for every index and is written
 * without indices.
 */
public final class SparseRows {

  private static final int ENTRY_BYTES = Short.BYTES + Float.BYTES;

  private final int dim;
  private int[] indices = new int[16];
  private float[] values = new float[16];
  private int[] begins = new int[16];
  private int rows;

  /**
   * Creates no rows.
   *
   * @param dim length of a row, 1 to 65535
   */
  public SparseRows(int dim) {
    this.dim = dim;
  }

  /** Returns the length of a row. */
  public int dim() {
    return dim;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the first entry of a row; for row {@link #rows()}, the end. */
  public int begin(int row) {
    return begins[row];
  }

  /** Returns the index of an entry. */
  public int index(int entry) {
    return indices[entry];
  }

  /** Returns the value of an entry. */
  public float value(int entry) {
    return values[entry];
  }

  /** Returns the largest number of bytes of a row. */
  static long mostBytes(int dim) {
    return Short.BYTES + (long) Float.BYTES * dim;
  }

  /**
   * Appends the entries of a row that are not 0; all entries if that takes fewer bytes.
   *
   * @param row array that contains the row
   * @param offset index of its first entry
   */
  public void add(float[] row, int offset) {
    int entries = 0;
    for (int i = 0; i < dim; i++) {
      entries += row[offset + i] != 0 ? 1 : 0;
    }
    boolean all = (long) entries * ENTRY_BYTES >= (long) dim * Float.BYTES;
    int at = reserve(all ? dim : entries);
    for (int i = 0; i < dim; i++) {
      if (all || row[offset + i] != 0) {
        indices[at] = i;
        values[at++] = row[offset + i];
      }
    }
  }

  /** Appends a row of other rows of the same length. */
  void add(SparseRows other, int row) {
    add(other, row, 0);
  }

  /** Appends a row of other rows of the same length, times a power of two. */
  void add(SparseRows other, int row, int power) {
    int from = other.begins[row];
    int count = other.begins[row + 1] - from;
    int at = reserve(count);
    System.arraycopy(other.indices, from, indices, at, count);
    for (int e = 0; e < count; e++) {
      values[at + e] = Math.scalb(other.values[from + e], power);
    }
  }

  /** Begins a row with a number of entries, and returns the first of them. */
  private int reserve(int entries) {
    int at = begins[rows];
    int end = Math.addExact(at, entries);
    if (end > indices.length) {
      indices = Arrays.copyOf(indices, Math.max(end, 2 * indices.length));
      values = Arrays.copyOf(values, indices.length);
    }
    rows++;
    if (rows == begins.length) {
      begins = Arrays.copyOf(begins, 2 * rows);
    }
    begins[rows] = end;
    return at;
  }

  /** Removes the last row. */
  void removeLast() {
    rows--;
  }

  /** Removes all rows. */
  public void clear() {
    rows = 0;
  }

  /** Returns the Euclidean norm of a row. */
  public double norm(int row) {
    double squares = 0;
    for (int e = begins[row]; e < begins[row + 1]; e++) {
      squares += (double) values[e] * values[e];
    }
    return Math.sqrt(squares);
  }

  /** Multiplies all values by a power of two. */
  void scale(int power) {
    for (int e = 0; e < begins[rows]; e++) {
      values[e] = Math.scalb(values[e], power);
    }
  }

  /** Returns the bytes of a row. */
  int bytes(int row) {
    int entries = begins[row + 1] - begins[row];
    return Short.BYTES + entries * (entries == dim ? Float.BYTES : ENTRY_BYTES);
  }

  void write(int row, WireWriter out) {
    int entries = begins[row + 1] - begins[row];
    out.putShort(entries);
    for (int e = begins[row]; e < begins[row + 1]; e++) {
      if (entries < dim) {
        out.putShort(indices[e]);
      }
      out.putFloat(values[e]);
    }
  }

  /** Reads and appends what {@link #write} wrote. */
  void read(WireReader in) {
    int entries = in.getShort();
    if (entries > dim) {
      throw new CorruptSketchException(
          "entries of a row: expected 0 to %d, got %d".formatted(dim, entries));
    }
    in.require((long) entries * Float.BYTES);
    int at = reserve(entries);
    int last = -1;
    for (int e = at; e < at + entries; e++) {
      int index = entries < dim ? in.getShort() : e - at;
      if (index <= last || index >= dim) {
        throw new CorruptSketchException(
            "index of a row: expected %d to %d, got %d".formatted(last + 1, dim - 1, index));
      }
      indices[e] = index;
      values[e] = in.getFloat();
      last = index;
    }
  }
}
