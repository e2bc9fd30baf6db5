package dev.onepass.sketch.cluster;

import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * How the bytes of one sketch are divided. The slope X brings most where values follow keys, and is
 * kept where it takes no more than two thirds of the bytes; the covariance S where it takes no more
 * than an eighth: without it clusters count as round. All else is clusters.
 *
 * <p>Bytes: clusters at most (i4), parts (i1: 1 for S, 2 for X, 4 for 16 bits a number).
 *
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param capacity clusters at most
 * @param covariance whether S is kept
 * @param slope whether X is kept
 * @param floats whether numbers are floats, as in format 1, and not of 16 bits
 */
record Sizes(
    int keyDim, int valueDim, int capacity, boolean covariance, boolean slope, boolean floats) {

  private static final int COVARIANCE = 1;
  private static final int SLOPE = 2;
  private static final int SIXTEEN_BITS = 4;

  /** Fewer clusters are no clustering. */
  static final int LEAST_CLUSTERS = 2;

  static final int OWN_BYTES = Integer.BYTES + 1;

  /** The sizes for a configuration; the capacity is below {@link #LEAST_CLUSTERS} if none fit. */
  static Sizes of(SketchConfig config) {
    int d = config.keyDim();
    int dv = config.valueDim();
    int bytes = config.maxBytes();
    Sizes all = new Sizes(d, dv, 0, true, true, false);
    boolean covariance = 8 * all.squareBytes() <= bytes;
    boolean slope = 3 * all.productBytes() <= 2L * bytes;
    Sizes sizes = new Sizes(d, dv, 0, covariance, slope, false).filling(bytes);
    return sizes.capacity >= LEAST_CLUSTERS
        ? sizes
        : new Sizes(d, dv, 0, false, false, false).filling(bytes);
  }

  /** The same with as many clusters as the bytes hold. */
  private Sizes filling(long bytes) {
    long capacity = Math.max(0, bytes - bytes(0)) / Clusters.entryBytes(keyDim, valueDim, floats);
    return new Sizes(keyDim, valueDim, (int) capacity, covariance, slope, floats);
  }

  /** The same bytes with 16 bits a number. */
  Sizes inSixteenBits() {
    return new Sizes(keyDim, valueDim, 0, covariance, slope, false).filling(bytes(capacity));
  }

  /** Bytes of the least sketch of these dimensions. */
  static long leastBytes(int keyDim, int valueDim) {
    return new Sizes(keyDim, valueDim, 0, false, false, false).bytes(LEAST_CLUSTERS);
  }

  /** Numbers that S takes. */
  long squares() {
    return covariance ? (long) keyDim * (keyDim + 1) / 2 : 0;
  }

  /** Numbers that X takes. */
  long products() {
    return slope ? (long) keyDim * valueDim : 0;
  }

  /** Bytes that S takes. */
  long squareBytes() {
    return matrixBytes(squares());
  }

  /** Bytes that X takes. */
  long productBytes() {
    return matrixBytes(products());
  }

  private long matrixBytes(long numbers) {
    if (numbers == 0) {
      return 0;
    }
    return floats ? Float.BYTES * numbers : SixteenBits.bytes(keyDim, numbers);
  }

  /** Bytes of a sketch of so many clusters. */
  long bytes(int clusters) {
    return Preamble.BYTES
        + OWN_BYTES
        + Integer.BYTES
        + Double.BYTES
        + ValueRange.bytes(valueDim)
        + squareBytes()
        + productBytes()
        + clusters * Clusters.entryBytes(keyDim, valueDim, floats);
  }

  void write(WireWriter out) {
    out.putInt(capacity);
    out.putByte((covariance ? COVARIANCE : 0) + (slope ? SLOPE : 0) + (floats ? 0 : SIXTEEN_BITS));
  }

  static Sizes read(WireReader in, Preamble preamble) {
    int capacity = in.getInt("clusters at most", LEAST_CLUSTERS, Integer.MAX_VALUE);
    int parts = in.getByte();
    if (parts > COVARIANCE + SLOPE + SIXTEEN_BITS) {
      throw new CorruptSketchException("parts " + parts + " are not known");
    }
    Sizes sizes =
        new Sizes(
            preamble.keyDim(),
            preamble.valueDim(),
            capacity,
            (parts & COVARIANCE) > 0,
            (parts & SLOPE) > 0,
            (parts & SIXTEEN_BITS) == 0);
    if (sizes.bytes(capacity) > Integer.MAX_VALUE) {
      throw new CorruptSketchException("a sketch of %d clusters has no bytes".formatted(capacity));
    }
    return sizes;
  }
}
