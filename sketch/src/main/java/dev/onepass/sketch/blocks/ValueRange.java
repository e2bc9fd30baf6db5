package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Smallest and largest value seen in each of dv coordinates. Attention is a weighted mean of
 * values, so no true answer leaves this box, and no given answer may.
 */
public final class ValueRange {

  private final float[] min;
  private final float[] max;

  /** The empty range. */
  public ValueRange(int valueDim) {
    min = new float[valueDim];
    max = new float[valueDim];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /** Returns a range that does not change with this one. */
  public ValueRange copy() {
    ValueRange copy = new ValueRange(min.length);
    copy.include(this);
    return copy;
  }

  /** Widens the range by every token of the block that is not a retraction. */
  public void include(TokenBlock block) {
    float[] values = block.values();
    for (int j = 0; j < block.count(); j++) {
      if (block.weights()[j] > 0) {
        for (int c = 0, i = j * min.length; c < min.length; c++, i++) {
          // Hardly ever; minima and maxima of floats take longer than not to.
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

  /** Widens the range by another one. */
  public void include(ValueRange other) {
    for (int c = 0; c < min.length; c++) {
      min[c] = Math.min(min[c], other.min[c]);
      max[c] = Math.max(max[c], other.max[c]);
    }
  }

  /**
   * The number in the range of this coordinate that is nearest to x; the middle if x is no number.
   */
  public float clamp(int coordinate, double x) {
    float low = min[coordinate];
    float high = max[coordinate];
    if (Double.isNaN(x)) {
      return (float) (0.5 * ((double) low + high));
    }
    return x < low ? low : x > high ? high : (float) x;
  }

  /** Brings rows of numbers, from {@code at} on, into the ranges of their coordinates. */
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

  /** Whether nothing was seen yet. */
  public boolean isEmpty() {
    return min[0] > max[0];
  }

  /** Bytes that {@link #write} takes: 8 dv. */
  public static int bytes(int valueDim) {
    return 2 * Float.BYTES * valueDim;
  }

  /** Writes minima, then maxima. */
  public void write(WireWriter out) {
    out.putFloats(min, min.length);
    out.putFloats(max, max.length);
  }

  /**
   * Reads what {@link #write} wrote.
   *
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
        throw new CorruptSketchException("the range of value coordinate " + c + " is none");
      }
    }
    return range;
  }

  /**
   * Reads the range of the values of a sketch.
   *
   * @param tokens tokens of the sketch; a range of at least one token is not empty
   * @throws CorruptSketchException if {@link #read(WireReader, int)} throws it, or if there are
   *     tokens and the range is empty
   */
  public static ValueRange read(WireReader in, int valueDim, long tokens) {
    ValueRange range = read(in, valueDim);
    if (range.isEmpty() && tokens > 0) {
      throw new CorruptSketchException(
          "Range of values: expected one, because there are %d tokens.".formatted(tokens));
    }
    return range;
  }
}
