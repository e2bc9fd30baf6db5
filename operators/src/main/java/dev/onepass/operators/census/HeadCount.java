package dev.onepass.operators.census;

import java.util.Collections;
import java.util.SortedMap;

/**
 * What the sequences of one head add up to in some key groups.
 *
 * @param firstKeyGroup of the subtask that counted
 * @param lastKeyGroup of the subtask that counted
 * @param head name of the head
 * @param total of its sequences
 * @param adopted sequences by the version of the anchor set that they adopted; null if an older
 *     savepoint does not tell
 */
public record HeadCount(
    int firstKeyGroup,
    int lastKeyGroup,
    String head,
    Footprint total,
    SortedMap<Integer, Long> adopted) {

  /** The name in the count of key groups without any sequence; no head has it. */
  static final String NO_HEAD = "";

  /** Returns a count which tells that there is no sequence in some key groups. */
  static HeadCount none(int firstKeyGroup, int lastKeyGroup) {
    return new HeadCount(
        firstKeyGroup, lastKeyGroup, NO_HEAD, Footprint.NONE, Collections.emptySortedMap());
  }
}
