// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

/**
 * The sizes of an anchor set, and the memory that it takes with everything that its sequences
 * share. Embedded anchors have a number for each anchor and each centre, so a small record can
 * describe a set that needs unbounded memory. Readers therefore check the sizes before they
 * allocate anything.
 *
 * @param keyDim length d of a key
 * @param dim coordinates D of a query
 * @param centres number of centres M
 * @param anchors number of anchors R
 * @param kernels number of kernels in the set
 */
public record SetSizes(int keyDim, int dim, int centres, int anchors, int kernels) {

  /** Maximum number of anchors that a sequence uses. Factoring more takes minutes and gigabytes. */
  public static final int MOST_USED = 8192;

  /** Maximum bytes of memory of a set, with its embedded anchors and kernel trial. */
  static final long MOST_BYTES = 256L << 20;

  /**
   * Returns the bytes of memory of a set, without factors: these have a budget, see {@link
   * dev.onepass.sketch.anchors.FactorCache}.
   */
  public long bytes() {
    long centreBytes = centres * (Float.BYTES * (2L * keyDim + dim + 4) + Double.BYTES);
    long axesBytes = Float.BYTES * ((long) keyDim * keyDim + (long) keyDim * dim);
    return centreBytes
        + axesBytes
        + (long) Float.BYTES * anchors * keyDim
        + EmbeddedQueries.bytes(anchors, keyDim, dim, centres)
        + TransposedAnchors.bytes(Math.min(anchors, MOST_USED), dim)
        + KernelTrial.bytes(Math.min(anchors, KernelTrial.ANCHORS), kernels);
  }

  /** Returns whether a set of these sizes is accepted. */
  public boolean areBounded() {
    return bytes() <= MOST_BYTES;
  }

  /** Returns a sentence that says how much memory the set takes and how to reduce it. */
  @Override
  public String toString() {
    return "%d anchors, %d centres and %d coordinates for keys of %d numbers take %d MiB of memory, but the limit is %d MiB; make the set with fewer anchors or centres"
        .formatted(anchors, centres, dim, keyDim, bytes() >> 20, MOST_BYTES >> 20);
  }
}
