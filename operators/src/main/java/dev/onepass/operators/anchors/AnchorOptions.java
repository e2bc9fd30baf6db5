// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.sketch.anchors.FactorCache;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * The options of anchor sets.
 *
 * @param given sets that the job starts with, in addition to those of the topic
 * @param keep how many of the newest versions of a head are always kept, at least 1; older versions
 *     are kept only while sequences may need them
 * @param learn whether the job makes sets for heads that have none
 * @param count number of anchors in a set that the job makes, at least 1
 * @param learnAfter time to wait for the full sample; after it, the minimum sample is enough
 * @param factorBytes bytes that each process may hold of the factors that answers need
 * @param heldBytes bytes that the older versions of a head may take; newer versions that would
 *     exceed them are refused
 */
public record AnchorOptions(
    List<StoredAnchorSet> given,
    int keep,
    boolean learn,
    int count,
    Duration learnAfter,
    long factorBytes,
    long heldBytes)
    implements Serializable {

  /** The default of {@code factorBytes}. */
  public static final long DEFAULT_FACTOR_BYTES = FactorCache.DEFAULT_LIMIT;

  /** The default of {@code heldBytes}. */
  public static final long DEFAULT_HELD_BYTES = 256 << 20;

  /** Options under which all sets come from the topic. */
  public static final AnchorOptions FROM_THE_TOPIC =
      new AnchorOptions(List.of(), 8, false, 4096, Duration.ofMinutes(10));

  /** Creates options with the default bytes for factors and for older versions. */
  public AnchorOptions(
      List<StoredAnchorSet> given, int keep, boolean learn, int count, Duration learnAfter) {
    this(given, keep, learn, count, learnAfter, DEFAULT_FACTOR_BYTES, DEFAULT_HELD_BYTES);
  }

  /** Copies the list of given sets. */
  public AnchorOptions {
    given = List.copyOf(given);
  }

  /** Returns whether the job makes a set for this head unless the topic has one. */
  public boolean learns(String head) {
    return learn && given.stream().noneMatch(set -> set.head().equals(head));
  }
}
