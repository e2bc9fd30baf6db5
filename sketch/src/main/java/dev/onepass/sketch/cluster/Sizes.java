// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The division of the bytes of one sketch. The slope X helps most if values depend on keys; it is
 * kept if it takes at most two thirds of the bytes. The covariance S is kept if it takes at most an
 * eighth; without it clusters count as round. Clusters get the rest.
 *
 * <p>Bytes: largest number of clusters (i4), parts (i1: 1 for S, 2 for X, 4 for 16 bits a number).
 *
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param capacity largest number of clusters
 * @param covariance whether S is kept
 * @param slope whether X is kept
 * @param floats whether numbers are floats, as in format 1, instead of 16 bits
 * @param weighted whether tokens may have other weights than 1
 */
record Sizes(
    int keyDim,
    int valueDim,
    int capacity,
    boolean covariance,
    boolean slope,
    boolean floats,
    boolean weighted) {

  private static final int COVARIANCE = 1;
  private static final int SLOPE = 2;
  private static final int SIXTEEN_BITS = 4;

  /** The least number of clusters of a sketch. */
  static final int LEAST_CLUSTERS = 2;

  /** The least number of clusters from the first weighted token on. */
  private static final int LEAST_WEIGHTED = 1;

  /** Bytes by which the preamble of weighted tokens is longer. */
  private static final int LONGER = Preamble.MOST_BYTES - Preamble.BYTES;

  static final int OWN_BYTES = Integer.BYTES + 1;

  /**
   * Returns the sizes for a configuration; the capacity is below {@link #LEAST_CLUSTERS} if none
   * fit.
   */
  static Sizes of(SketchConfig config) {
    int d = config.keyDim();
    int dv = config.valueDim();
    int bytes = config.maxBytes();
    Sizes all = new Sizes(d, dv, 0, true, true, false, false);
    boolean covariance = 8 * all.squareBytes() <= bytes;
    boolean slope = 3 * all.productBytes() <= 2L * bytes;
    Sizes sizes = new Sizes(d, dv, 0, covariance, slope, false, false).filling(bytes);
    return sizes.capacity >= LEAST_CLUSTERS
        ? sizes
        : new Sizes(d, dv, 0, false, false, false, false).filling(bytes);
  }

  /** Returns the same sizes with as many clusters as the bytes hold. */
  Sizes filling(long bytes) {
    return with((int) (Math.max(0, bytes - bytes(0)) / Clusters.entryBytes(this)));
  }

  /** Returns sizes for the same bytes with 16 bits a number. */
  Sizes inSixteenBits() {
    return new Sizes(keyDim, valueDim, 0, covariance, slope, false, weighted)
        .filling(bytes(capacity));
  }

  /**
   * Returns sizes for the same bytes that suit weighted tokens. They leave a few bytes for the
   * longer preamble of a sketch that the clusters may be a part of.
   */
  Sizes forWeights() {
    Sizes sizes =
        new Sizes(keyDim, valueDim, 0, covariance, slope, floats, true)
            .filling(bytes(capacity) - LONGER);
    return sizes.capacity >= LEAST_WEIGHTED ? sizes : sizes.with(LEAST_WEIGHTED);
  }

  private Sizes with(int clusters) {
    return new Sizes(keyDim, valueDim, clusters, covariance, slope, floats, weighted);
  }

  /** Returns the bytes of the smallest sketch with these dimensions. */
  static long leastBytes(int keyDim, int valueDim) {
    Sizes sizes = new Sizes(keyDim, valueDim, 0, false, false, false, false);
    Sizes weighted = new Sizes(keyDim, valueDim, 0, false, false, false, true);
    return Math.max(sizes.bytes(LEAST_CLUSTERS), weighted.bytes(LEAST_WEIGHTED) + LONGER);
  }

  /** Returns the count of numbers in S. */
  long squares() {
    return covariance ? (long) keyDim * (keyDim + 1) / 2 : 0;
  }

  /** Returns the count of numbers in X. */
  long products() {
    return slope ? (long) keyDim * valueDim : 0;
  }

  /** Returns the bytes of S. */
  long squareBytes() {
    return matrixBytes(squares());
  }

  /** Returns the bytes of X. */
  long productBytes() {
    return matrixBytes(products());
  }

  private long matrixBytes(long numbers) {
    if (numbers == 0) {
      return 0;
    }
    return floats ? Float.BYTES * numbers : SixteenBits.bytes(keyDim, numbers);
  }

  /** Returns the bytes of a sketch with a number of clusters. */
  long bytes(int clusters) {
    return Preamble.bytes(weighted)
        + OWN_BYTES
        + Integer.BYTES
        + Double.BYTES
        + ValueRange.bytes(valueDim)
        + squareBytes()
        + productBytes()
        + clusters * Clusters.entryBytes(this);
  }

  void write(WireWriter out) {
    out.putInt(capacity);
    out.putByte((covariance ? COVARIANCE : 0) + (slope ? SLOPE : 0) + (floats ? 0 : SIXTEEN_BITS));
  }

  static Sizes read(WireReader in, Preamble preamble) {
    int least = preamble.weighted() ? LEAST_WEIGHTED : LEAST_CLUSTERS;
    int capacity = in.getInt("clusters at most", least, Integer.MAX_VALUE);
    int parts = in.getByte();
    if (parts > COVARIANCE + SLOPE + SIXTEEN_BITS) {
      throw new CorruptSketchException(
          "parts: expected 0 to %d, got %d".formatted(COVARIANCE + SLOPE + SIXTEEN_BITS, parts));
    }
    Sizes sizes =
        new Sizes(
            preamble.keyDim(),
            preamble.valueDim(),
            capacity,
            (parts & COVARIANCE) > 0,
            (parts & SLOPE) > 0,
            (parts & SIXTEEN_BITS) == 0,
            preamble.weighted());
    if (sizes.floats && sizes.weighted) {
      throw new CorruptSketchException("clusters of weighted tokens: expected 16 bits a number");
    }
    if (sizes.bytes(capacity) > Integer.MAX_VALUE) {
      throw new CorruptSketchException(
          "clusters at most: %d take more bytes than an array holds".formatted(capacity));
    }
    return sizes;
  }
}
