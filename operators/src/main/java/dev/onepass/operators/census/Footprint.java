// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import dev.onepass.sketch.sequence.Header;

/**
 * What one sequence adds to the numbers of its head.
 *
 * @param sequences 1 if it has ever accepted a token, else 0
 * @param exact 1 if it has, and is exact, else 0
 * @param stateBytes bytes of its header, pending block and sketches
 * @param waiting queries that wait for its tokens
 * @param anchorsVersion version of the anchor set that it adopted; 0 for none, and in sums
 */
public record Footprint(
    long sequences, long exact, long stateBytes, long waiting, int anchorsVersion) {

  /** Of a sequence that there is not. */
  public static final Footprint NONE = new Footprint(0, 0, 0, 0, 0);

  /**
   * Returns what a sequence adds.
   *
   * @param waiting queries that wait for its tokens
   */
  public static Footprint of(Header header, int waiting) {
    boolean blank = header.accepted() == 0;
    return new Footprint(
        blank ? 0 : 1,
        !blank && header.isExact() ? 1 : 0,
        blank ? 0 : header.stateBytes(),
        waiting,
        header.anchorsVersion());
  }

  /** Returns what queries add that wait for tokens of one sequence. */
  public static Footprint ofWaiting(int waiting) {
    return new Footprint(0, 0, 0, waiting, 0);
  }
}
