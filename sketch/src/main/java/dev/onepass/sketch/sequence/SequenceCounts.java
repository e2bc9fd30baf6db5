package dev.onepass.sketch.sequence;

import java.util.Comparator;
import java.util.List;

/**
 * The numbers of a sequence, or of one part of a sequence that is kept in several.
 *
 * @param accepted tokens accepted, whether or not they were retracted later
 * @param tokens tokens accepted, less retracted ones
 * @param position position of the newest token, or -1
 * @param duplicates tokens dropped as duplicates
 * @param stateBytes bytes of header, pending block and sketches
 * @param exact whether all tokens are kept
 * @param anchorsVersion version of the anchor set, 0 for none
 * @param family name of the family that answers
 * @param incomplete whether tokens may have been lost before the sequence saw them
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
    boolean incomplete) {

  static SequenceCounts of(Header header, String family) {
    return new SequenceCounts(
        header.accepted(),
        header.tokens(),
        header.lastPosition(),
        header.duplicates(),
        header.isBlank() ? 0 : header.stateBytes(),
        header.isExact(),
        header.anchorsVersion(),
        family,
        header.isIncomplete());
  }

  /** Returns the same numbers of a sequence that may lack tokens. */
  SequenceCounts markedIncomplete() {
    return new SequenceCounts(
        accepted, tokens, position, duplicates, stateBytes, exact, anchorsVersion, family, true);
  }

  /**
   * The numbers of all parts together: sums, the newest position, exact if every part is,
   * incomplete if one is. Of anchor sets it tells the oldest that a part has adopted, of families
   * that of the largest part that is not exact any more.
   *
   * @param parts at least one
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
        parts.stream().anyMatch(SequenceCounts::incomplete));
  }
}
