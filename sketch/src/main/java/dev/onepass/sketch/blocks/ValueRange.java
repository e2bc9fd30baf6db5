// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * The smallest and the largest value seen in each of dv coordinates. Attention is a weighted mean
 * of values, so no true answer leaves this box, and no returned answer may.
 */
public final class ValueRange {

  private final float[] min;
  private final float[] max;

  /**
   * Creates the empty range.
   *
   * @param valueDim length dv of values
   */
  public ValueRange(int valueDim) {
    min = new float[valueDim];
    max = new float[valueDim];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /** Returns an independent copy. */
  public ValueRange copy() {
    ValueRange copy = new ValueRange(min.length);
    copy.include(this);
    return copy;
  }

  /**
   * Widens the range by every token of the block that is not a retraction.
   *
   * @param block tokens of dv values
   */
  public void include(TokenBlock block) {
    float[] values = block.values();
    for (int j = 0; j < block.count(); j++) {
      if (block.signs()[j] > 0) {
        for (int c = 0, i = j * min.length; c < min.length; c++, i++) {
          // Branches that are rarely taken cost less than minima and maxima of floats.
          if (values[i] < min[c]) {
            min[c] = values[i];
          }
          if (values[i] > max[c]) {
            max[c] = values[i];
          }
        }
      }
    }
  }

  /**
   * Widens the range by another one.
   *
   * @param other what is added; it does not change
   */
  public void include(ValueRange other) {
    for (int c = 0; c < min.length; c++) {
      min[c] = Math.min(min[c], other.min[c]);
      max[c] = Math.max(max[c], other.max[c]);
    }
  }

  /**
   * Returns the number in a coordinate's range that is nearest to x; the middle of the range if x
   * is NaN.
   *
   * @param coordinate from 0
   * @param x any number
   */
  public float clamp(int coordinate, double x) {
    float low = min[coordinate];
    float high = max[coordinate];
    if (Double.isNaN(x)) {
      return (float) (0.5 * ((double) low + high));
    }
    return x < low ? low : x > high ? high : (float) x;
  }

  /**
   * Clamps rows of numbers to the ranges of their coordinates.
   *
   * @param x the rows; clamped in place
   * @param at where the first row begins
   * @param rows how many rows
   */
  public void clampRows(float[] x, int at, int rows) {
    for (int r = 0, i = at; r < rows; r++) {
      for (int c = 0; c < min.length; c++, i++) {
        float number = x[i];
        if (!(number >= min[c] && number <= max[c])) {
          x[i] = clamp(c, number);
        }
      }
    }
  }

  /** Returns half the diagonal of the box of all ranges; 0 if no value was seen yet. */
  public double radius() {
    double squares = 0;
    for (int c = 0; c < min.length && !isEmpty(); c++) {
      double half = 0.5 * ((double) max[c] - min[c]);
      squares += half * half;
    }
    return Math.sqrt(squares);
  }

  /** Returns whether no value was seen yet. */
  public boolean isEmpty() {
    return min[0] > max[0];
  }

  /**
   * Returns the number of bytes that {@link #write} writes: 8 dv.
   *
   * @param valueDim length dv of values
   */
  public static int bytes(int valueDim) {
    return 2 * Float.BYTES * valueDim;
  }

  /**
   * Writes all minima, then all maxima.
   *
   * @param out receives 8 dv bytes
   */
  public void write(WireWriter out) {
    out.putFloats(min, min.length);
    out.putFloats(max, max.length);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param in the bytes
   * @param valueDim length dv of values
   * @throws CorruptSketchException unless every coordinate has a finite range, or none has one
   */
  public static ValueRange read(WireReader in, int valueDim) {
    ValueRange range = new ValueRange(valueDim);
    in.getFloats(range.min, valueDim, WireReader.Infinities.ALLOWED);
    in.getFloats(range.max, valueDim, WireReader.Infinities.ALLOWED);
    for (int c = 0; c < valueDim; c++) {
      boolean legal =
          range.isEmpty()
              ? range.min[c] == Float.POSITIVE_INFINITY && range.max[c] == Float.NEGATIVE_INFINITY
              : range.min[c] <= range.max[c]
                  && Float.isFinite(range.min[c])
                  && Float.isFinite(range.max[c]);
      if (!legal) {
        throw new CorruptSketchException(
            "range of value coordinate %d: expected a finite one, got %s to %s"
                .formatted(c, range.min[c], range.max[c]));
      }
    }
    return range;
  }

  /**
   * Reads the range of the values of a sketch.
   *
   * @param in the bytes
   * @param valueDim length dv of values
   * @param tokens tokens of the sketch; a range of at least one token is not empty
   * @throws CorruptSketchException if {@link #read(WireReader, int)} throws it, or if there are
   *     tokens and the range is empty
   */
  public static ValueRange read(WireReader in, int valueDim, long tokens) {
    ValueRange range = read(in, valueDim);
    if (range.isEmpty() && tokens > 0) {
      throw new CorruptSketchException(
          "range of values: expected one, because there are %d tokens".formatted(tokens));
    }
    return range;
  }
}
