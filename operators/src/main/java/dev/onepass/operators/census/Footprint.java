package dev.onepass.operators.census;

import dev.onepass.sketch.sequence.Header;

/**
 * The contribution of a sequence to the counts of its head, or a sum of contributions.
 *
 * @param sequences 1 if the sequence has accepted a token, 0 otherwise
 * @param exact 1 if it has accepted a token and is in exact mode, 0 otherwise
 * @param stateBytes bytes of its header, pending block and sketch
 * @param waiting number of queries that wait for its tokens
 * @param anchorsVersion version of the anchor set that it adopted; 0 for none, and in sums
 */
public record Footprint(
    long sequences, long exact, long stateBytes, long waiting, int anchorsVersion) {

  /** The contribution of a sequence that does not exist. */
  public static final Footprint NONE = new Footprint(0, 0, 0, 0, 0);

  /** Returns the contribution of the sequence with this header. */
  public static Footprint of(Header header) {
    boolean blank = header.accepted() == 0;
    return new Footprint(
        blank ? 0 : 1,
        !blank && header.isExact() ? 1 : 0,
        blank ? 0 : header.stateBytes(),
        header.waiting(),
        header.anchorsVersion());
  }
}
