package dev.onepass.operators.sharding;

import java.io.Serializable;
import java.util.Set;

/**
 * Which sequences are sharded, and into how many.
 *
 * @param count shards of each of them: a power of two, 1 to {@value #MAX_COUNT}
 * @param sequences their ids; {@link #ALL} alone means every sequence
 */
public record Sharding(int count, Set<String> sequences) implements Serializable {

  /** No sequence is sharded. */
  public static final Sharding NONE = new Sharding(1, Set.of());

  /** Stands for every sequence. */
  public static final String ALL = "*";

  /** Most shards of a sequence. */
  public static final int MAX_COUNT = 128;

  /** Copies the set. */
  public Sharding {
    if (!isCount(count)) {
      throw new IllegalArgumentException("shards: " + count);
    }
    sequences = Set.copyOf(sequences);
  }

  /** Whether a sequence can have that many shards. */
  public static boolean isCount(int count) {
    return Integer.bitCount(count) == 1 && count > 0 && count <= MAX_COUNT;
  }

  /** Whether any sequence is sharded. */
  public boolean isOn() {
    return count > 1 && !sequences.isEmpty();
  }

  /** Shards of that sequence. */
  public int of(String sequence) {
    return sequences.contains(sequence) || sequences.contains(ALL) ? count : 1;
  }
}
