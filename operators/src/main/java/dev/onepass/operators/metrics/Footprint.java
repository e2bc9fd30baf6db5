package dev.onepass.operators.metrics;

import dev.onepass.sketch.sequence.Header;

/**
 * What one sequence adds to the numbers of its head.
 *
 * @param sequences 1 if it has ever accepted a token, else 0
 * @param exact 1 if it has, and is exact, else 0
 * @param stateBytes bytes of its header, pending block and sketches
 * @param waiting queries that wait for its tokens
 */
public record Footprint(long sequences, long exact, long stateBytes, long waiting) {

  /** Of a sequence that there is not. */
  public static final Footprint NONE = new Footprint(0, 0, 0, 0);

  /** Of a sequence as its header has it now. */
  public static Footprint of(Header header) {
    return header.accepted() == 0
        ? new Footprint(0, 0, 0, header.waiting())
        : new Footprint(1, header.isExact() ? 1 : 0, header.stateBytes(), header.waiting());
  }
}
