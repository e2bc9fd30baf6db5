package dev.onepass.sketch.anchors.kriging;

/**
 * How large a set is, and how much memory it takes with everything that all its sequences share.
 * Places of the anchors have a number for each anchor and each centre, so bytes that are few may
 * stand for memory without bound: sizes are looked at before anything is made.
 *
 * @param keyDim length d of a key
 * @param dim coordinates D of a query
 * @param centres M
 * @param anchors R
 * @param kernels to choose from
 */
public record SetSizes(int keyDim, int dim, int centres, int anchors, int kernels) {

  /** Most anchors of a set that a sequence uses: more take minutes and gigabytes to factor. */
  public static final int MOST_USED = 8192;

  /** Most bytes of memory that a set may take, with its places and what tells kernels apart. */
  static final long MOST_BYTES = 256L << 20;

  /** Bytes of memory, factors left out: these have a budget of their own. */
  public long bytes() {
    long centreBytes = centres * (Float.BYTES * (2L * keyDim + dim + 4) + Double.BYTES);
    long axesBytes = Float.BYTES * ((long) keyDim * keyDim + (long) keyDim * dim);
    return centreBytes
        + axesBytes
        + (long) Float.BYTES * anchors * keyDim
        + EmbeddedQueries.bytes(anchors, keyDim, dim, centres)
        + Columns.bytes(Math.min(anchors, MOST_USED), dim)
        + KernelTrial.bytes(Math.min(anchors, KernelTrial.ANCHORS), kernels);
  }

  /** Whether a set of these sizes is taken. */
  public boolean areBounded() {
    return bytes() <= MOST_BYTES;
  }

  /** Says what is too large. */
  @Override
  public String toString() {
    return "%d anchors, %d centres and %d coordinates for keys of %d numbers take %d MiB of memory, where a set may take %d; make it with fewer anchors or centres"
        .formatted(anchors, centres, dim, keyDim, bytes() >> 20, MOST_BYTES >> 20);
  }
}
