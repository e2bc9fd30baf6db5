package dev.onepass.sketch.cluster;

import dev.onepass.sketch.SketchConfig;
import dev.onepass.sketch.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * How the bytes of one sketch are divided. The slope X brings most where values follow keys, and is
 * kept where it takes no more than half of the bytes; the covariance S where it takes no more than
 * an eighth: without it clusters count as round. All else is clusters.
 *
 * <p>Bytes: clusters at most (i4), parts kept (i1: 1 for S, 2 for X).
 *
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param capacity clusters at most
 * @param covariance whether S is kept
 * @param slope whether X is kept
 */
record Sizes(int keyDim, int valueDim, int capacity, boolean covariance, boolean slope) {

  /** Fewer clusters are no clustering. */
  static final int LEAST_CLUSTERS = 2;

  static final int OWN_BYTES = Integer.BYTES + 1;

  /** The sizes for a configuration; the capacity is below {@link #LEAST_CLUSTERS} if none fit. */
  static Sizes of(SketchConfig config) {
    int d = config.keyDim();
    int dv = config.valueDim();
    Sizes all = new Sizes(d, dv, 0, true, true);
    boolean covariance = 8 * all.squareBytes() <= config.maxBytes();
    boolean slope = 2 * all.productBytes() <= config.maxBytes();
    Sizes sizes = new Sizes(d, dv, capacity(config, covariance, slope), covariance, slope);
    return sizes.capacity >= LEAST_CLUSTERS
        ? sizes
        : new Sizes(d, dv, capacity(config, false, false), false, false);
  }

  private static int capacity(SketchConfig config, boolean covariance, boolean slope) {
    Sizes empty = new Sizes(config.keyDim(), config.valueDim(), 0, covariance, slope);
    long left = config.maxBytes() - empty.bytes(0);
    return (int) Math.max(0, left / Clusters.entryBytes(config.keyDim(), config.valueDim()));
  }

  /** Bytes of the least sketch of these dimensions. */
  static long leastBytes(int keyDim, int valueDim) {
    return new Sizes(keyDim, valueDim, 0, false, false).bytes(LEAST_CLUSTERS);
  }

  /** Bytes that S takes. */
  long squareBytes() {
    return covariance ? Float.BYTES * ((long) keyDim * (keyDim + 1) / 2) : 0;
  }

  /** Bytes that X takes. */
  long productBytes() {
    return slope ? Float.BYTES * ((long) keyDim * valueDim) : 0;
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
        + clusters * Clusters.entryBytes(keyDim, valueDim);
  }

  void write(WireWriter out) {
    out.putInt(capacity);
    out.putByte((covariance ? 1 : 0) + (slope ? 2 : 0));
  }

  static Sizes read(WireReader in, Preamble preamble) {
    int capacity = in.getInt("clusters at most", LEAST_CLUSTERS, Integer.MAX_VALUE);
    int parts = in.getByte();
    if (parts > 3) {
      throw new CorruptSketchException("parts " + parts + " are not known");
    }
    Sizes sizes =
        new Sizes(
            preamble.keyDim(), preamble.valueDim(), capacity, (parts & 1) > 0, (parts & 2) > 0);
    if (sizes.bytes(capacity) > Integer.MAX_VALUE) {
      throw new CorruptSketchException("a sketch of %d clusters has no bytes".formatted(capacity));
    }
    return sizes;
  }
}
