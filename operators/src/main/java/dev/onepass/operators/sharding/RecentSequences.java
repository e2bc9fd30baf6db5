// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import dev.onepass.operators.event.SequenceKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A cache of notes about the sequences that were used last. The limit is in bytes, because
 * producers choose the number and the length of ids. Not thread-safe.
 *
 * @param <V> the notes, all of the same size
 */
public final class RecentSequences<V> {

  /** Bytes of an entry without its note and its characters. */
  private static final int OVERHEAD = 200;

  private final long maxBytes;
  private final int valueBytes;

  /** The notes, the last used at the end. */
  private final Map<SequenceKey, V> notes = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * Creates an empty cache.
   *
   * @param maxBytes heap that all entries may take, in bytes
   * @param valueBytes heap of a note, in bytes
   */
  public RecentSequences(long maxBytes, int valueBytes) {
    this.maxBytes = maxBytes;
    this.valueBytes = valueBytes;
  }

  /** Returns the note about a sequence, or null. */
  public V get(SequenceKey sequence) {
    return notes.get(sequence);
  }

  /** Writes the note about a sequence. Drops the notes that were not used for longest. */
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

  /** Drops the note about a sequence. */
  public void remove(SequenceKey sequence) {
    if (notes.remove(sequence) != null) {
      bytes -= bytes(sequence);
    }
  }

  private long bytes(SequenceKey sequence) {
    return OVERHEAD + valueBytes + 2L * (sequence.head().length() + sequence.sequence().length());
  }
}
