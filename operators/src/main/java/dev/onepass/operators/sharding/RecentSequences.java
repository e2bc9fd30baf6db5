package dev.onepass.operators.sharding;

import dev.onepass.operators.event.SequenceKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is noted of the sequences that were seen last, within a bound in bytes: ids come from
 * producers, who choose how many there are and how long. Not thread-safe.
 *
 * @param <V> what is noted, of one size for all
 */
public final class RecentSequences<V> {

  /** An entry, its key, two strings, and their place in the map. */
  private static final int OVERHEAD = 200;

  private final long maxBytes;
  private final int valueBytes;

  /** Those touched last are at the end. */
  private final Map<SequenceKey, V> notes = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * Nothing is noted yet.
   *
   * @param maxBytes heap that all of it may take
   * @param valueBytes heap of one note
   */
  public RecentSequences(long maxBytes, int valueBytes) {
    this.maxBytes = maxBytes;
    this.valueBytes = valueBytes;
  }

  /** Returns what is noted of a sequence, or null. */
  public V get(SequenceKey sequence) {
    return notes.get(sequence);
  }

  /**
   * Notes something, in the place of what was noted; the eldest notes go where there is no room.
   */
  public void put(SequenceKey sequence, V note) {
    if (notes.put(sequence, note) != null) {
      return;
    }
    bytes += bytes(sequence);
    Iterator<SequenceKey> eldestFirst = notes.keySet().iterator();
    while (bytes > maxBytes) {
      bytes -= bytes(eldestFirst.next());
      eldestFirst.remove();
    }
  }

  /** Forgets what is noted of a sequence. */
  public void remove(SequenceKey sequence) {
    if (notes.remove(sequence) != null) {
      bytes -= bytes(sequence);
    }
  }

  /** Returns how many sequences something is noted of. */
  public int size() {
    return notes.size();
  }

  private long bytes(SequenceKey sequence) {
    return OVERHEAD + valueBytes + 2L * (sequence.head().length() + sequence.sequence().length());
  }
}
