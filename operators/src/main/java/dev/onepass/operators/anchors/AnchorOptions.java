package dev.onepass.operators.anchors;

import dev.onepass.sketch.anchors.FactorCache;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * What the operators need to know of anchor sets.
 *
 * @param given sets that are there from the start, before any record of the topic
 * @param keep newest versions of a head that are kept whether or not sequences have adopted them
 * @param learn whether sets are made for heads that have none
 * @param count anchors of a set that is made
 * @param learnAfter how long to wait for all the samples wanted before fewer have to do
 * @param factorBytes bytes of each process for what answers need of the sets
 * @param heldBytes bytes that the older versions of a head may take before newer ones are refused
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

  /** Bytes of each process for factors where nobody asks for another number. */
  public static final long DEFAULT_FACTOR_BYTES = FactorCache.DEFAULT_LIMIT;

  /** Bytes of the older versions of a head where nobody asks for another number. */
  public static final long DEFAULT_HELD_BYTES = 256 << 20;

  /** Sets come from the topic alone. */
  public static final AnchorOptions FROM_THE_TOPIC =
      new AnchorOptions(List.of(), 8, false, 4096, Duration.ofMinutes(10));

  /** Options with the default bytes for factors and for older versions. */
  public AnchorOptions(
      List<StoredAnchorSet> given, int keep, boolean learn, int count, Duration learnAfter) {
    this(given, keep, learn, count, learnAfter, DEFAULT_FACTOR_BYTES, DEFAULT_HELD_BYTES);
  }

  /** Copies the list. */
  public AnchorOptions {
    given = List.copyOf(given);
  }

  /** Whether a set is to be made for a head once there are samples, unless the topic brings one. */
  public boolean learns(String head) {
    return learn && given.stream().noneMatch(set -> set.head().equals(head));
  }
}
