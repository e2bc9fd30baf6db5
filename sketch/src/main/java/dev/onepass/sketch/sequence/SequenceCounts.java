// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import java.util.Comparator;
import java.util.List;

/**
 * Counts of a sequence, or of one part of a sequence that is kept in several parts.
 *
 * @param accepted tokens accepted, whether or not they were retracted later
 * @param tokens accepted tokens less retracted ones
 * @param position position of the newest token, or -1 if there is none
 * @param duplicates tokens dropped as duplicates
 * @param stateBytes bytes that count towards the state size; 0 if nothing is stored
 * @param exact whether answers are exact: the sequence is in exact mode, and keeps whole keys
 * @param anchorsVersion version of the adopted anchor set, 0 for none
 * @param family name of the family that the sequence uses, or will use
 * @param incomplete whether tokens of the sequence may have been lost
 * @param projected whether the sequence, or a part of it, keeps projected keys
 */
public record SequenceCounts(
    long accepted,
    long tokens,
    long position,
    long duplicates,
    long stateBytes,
    boolean exact,
    int anchorsVersion,
    String family,
    boolean incomplete,
    boolean projected) {

  static SequenceCounts of(Header header, String family) {
    return new SequenceCounts(
        header.accepted(),
        header.tokens(),
        header.lastPosition(),
        header.duplicates(),
        header.isBlank() ? 0 : header.stateBytes(),
        header.isExact() && !header.isProjected(),
        header.anchorsVersion(),
        family,
        header.isIncomplete(),
        header.isProjected());
  }

  /** Returns the same counts of a sequence that may lack tokens. */
  SequenceCounts markedIncomplete() {
    return new SequenceCounts(
        accepted,
        tokens,
        position,
        duplicates,
        stateBytes,
        exact,
        anchorsVersion,
        family,
        true,
        projected);
  }

  /**
   * Returns the counts of all parts together: sums, the newest position, exact if every part is
   * exact, and incomplete if one part is incomplete. The anchor set is the oldest one that a part
   * has adopted; the family is that of the largest part that has left exact mode.
   *
   * @param parts counts of at least one part
   */
  static SequenceCounts sum(List<SequenceCounts> parts) {
    SequenceCounts typical =
        parts.stream()
            .max(
                Comparator.comparing((SequenceCounts part) -> !part.exact)
                    .thenComparing(SequenceCounts::tokens))
            .orElseThrow();
    return new SequenceCounts(
        parts.stream().mapToLong(SequenceCounts::accepted).sum(),
        parts.stream().mapToLong(SequenceCounts::tokens).sum(),
        parts.stream().mapToLong(SequenceCounts::position).max().orElseThrow(),
        parts.stream().mapToLong(SequenceCounts::duplicates).sum(),
        parts.stream().mapToLong(SequenceCounts::stateBytes).sum(),
        typical.exact,
        parts.stream().mapToInt(SequenceCounts::anchorsVersion).filter(v -> v > 0).min().orElse(0),
        typical.family,
        parts.stream().anyMatch(SequenceCounts::incomplete),
        parts.stream().anyMatch(SequenceCounts::projected));
  }
}
