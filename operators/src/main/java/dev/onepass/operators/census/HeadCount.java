// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import java.util.Collections;
import java.util.SortedMap;

/**
 * The counts of the sequences of a head in a range of key groups.
 *
 * @param firstKeyGroup first key group of the subtask that counted
 * @param lastKeyGroup last key group of the subtask that counted
 * @param head name of the head
 * @param total sum over its sequences
 * @param adopted number of sequences by the version of the anchor set that they adopted; null if
 *     the count is from an older savepoint
 */
public record HeadCount(
    int firstKeyGroup,
    int lastKeyGroup,
    String head,
    Footprint total,
    SortedMap<Integer, Long> adopted) {

  /** The name in a count of key groups without sequences; no head has this name. */
  static final String NO_HEAD = "";

  /** Returns the count of key groups without sequences. */
  static HeadCount none(int firstKeyGroup, int lastKeyGroup) {
    return new HeadCount(
        firstKeyGroup, lastKeyGroup, NO_HEAD, Footprint.NONE, Collections.emptySortedMap());
  }
}
