// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceStore;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.streaming.api.operators.KeyContext;

/**
 * Stores the state of the current key's sequence, with a cache on the heap of the sequences used
 * last. Header, newest tokens and sketch are written to the state backend before each checkpoint,
 * and when other sequences need the room. So a token costs the backend nothing, and a sketch that
 * is folded a hundred times between two checkpoints is serialized and written once.
 *
 * <p>Writing before a checkpoint blocks the stream. So a sketch is written at once if it is
 * predicted to stay the same until the next checkpoint. The pending tokens of a sequence are
 * written with the first token that comes when a checkpoint is due soon. The checkpoint then has to
 * write the headers, the very last tokens, and the sketches whose prediction was wrong. Between
 * checkpoints, the states of one sequence in the backend may be of different times; they are not
 * read.
 *
 * <p>The bytes that are written do not depend on when: each token is one element, as if it had been
 * appended at once.
 */
public final class CachedSequenceStore implements SequenceStore {
  private final ManagedSequenceStore stored;
  private final KeyContext keys;
  private final long maxBytes;
  private final CheckpointRhythm rhythm = new CheckpointRhythm();

  /** The entries used last are at the end. */
  private final Map<SequenceKey, CachedSequence> entries = new LinkedHashMap<>(16, 0.75f, true);

  /** Upper estimate of the bytes on the heap. */
  private long bytes;

  private Object currentKey;
  private CachedSequence current;

  /**
   * Creates a cache over the states of an operator.
   *
   * @param stored the states
   * @param keys sets the key whose state is read and written
   * @param maxBytes largest size on the heap, without the sequence of the newest turn
   */
  public CachedSequenceStore(ManagedSequenceStore stored, KeyContext keys, long maxBytes) {
    this.stored = stored;
    this.keys = keys;
    this.maxBytes = maxBytes;
  }

  /**
   * Writes the state for a checkpoint.
   *
   * @param triggered when the checkpoint was triggered, in milliseconds
   */
  public void writeFor(long triggered) {
    rhythm.checkpoint(triggered, System.nanoTime());
    writeBack();
  }

  /** Writes all changes that the state backend does not have yet. */
  public void writeBack() {
    Object before = keys.getCurrentKey();
    entries.values().forEach(this::write);
    returnTo(before);
  }

  /** Returns the current key's entry; reads the stored state if there is none. */
  private CachedSequence entry() {
    Object key = keys.getCurrentKey();
    if (key != currentKey) {
      if (current != null) {
        // Answering may have made its sketch larger.
        account(current);
      }
      current = entries.get(key);
      if (current == null) {
        current = new CachedSequence((SequenceKey) key, stored.header());
        makeRoom(key);
        entries.put(current.key(), current);
        account(current);
      }
      currentKey = key;
    }
    return current;
  }

  private void makeRoom(Object key) {
    if (bytes <= maxBytes) {
      return;
    }
    Iterator<CachedSequence> eldestFirst = entries.values().iterator();
    while (bytes > maxBytes && eldestFirst.hasNext()) {
      CachedSequence eldest = eldestFirst.next();
      write(eldest);
      eldestFirst.remove();
      bytes -= eldest.bytes();
    }
    returnTo(key);
  }

  private void write(CachedSequence entry) {
    if (entry.isChanged()) {
      keys.setCurrentKey(entry.key());
      entry.writeTo(stored);
      account(entry);
    }
  }

  private void returnTo(Object key) {
    if (key != null) {
      keys.setCurrentKey(key);
    }
  }

  private void account(CachedSequence entry) {
    bytes -= entry.bytes();
    entry.measure();
    bytes += entry.bytes();
  }

  @Override
  public Header header() {
    return entry().header();
  }

  @Override
  public void putHeader(Header header) {
    entry().header(header.isBlank() ? null : header);
  }

  /** Returns the lifetime of the current key's sequence. */
  public Lifetime lifetime() {
    return entry().lifetime();
  }

  /** Writes the lifetime; it is dropped with a header that says nothing. */
  public void putLifetime(Lifetime lifetime) {
    entry().lifetime(lifetime);
  }

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    CachedSequence entry = entry();
    TokenBlock all = entry.pending().all(stored, keyDim, valueDim);
    account(entry);
    return all;
  }

  @Override
  public void appendPending(Token token) {
    CachedSequence entry = entry();
    if (token.isRetraction()) {
      entry.withoutRetracted(null);
      account(entry);
    }
    bytes += entry.append(token);
    entry.writePendingEarly(rhythm, stored);
  }

  @Override
  public void replacePending(TokenBlock block) {
    CachedSequence entry = entry();
    entry.pending().replace(block);
    entry.withoutRetracted(null);
    account(entry);
  }

  @Override
  public AttentionSketch sketch(AnchorSets anchors) {
    CachedSequence entry = entry();
    if (entry.sketch() == null) {
      entry.readSketch(stored, anchors);
      account(entry);
    }
    return entry.sketch();
  }

  @Override
  public void putSketch(AttentionSketch sketch) {
    CachedSequence entry = entry();
    entry.putSketch(sketch);
    entry.writeSketchEarly(rhythm, stored);
    account(entry);
  }

  @Override
  public AttentionSketch sketchWithoutRetracted() {
    return entry().withoutRetracted();
  }

  @Override
  public void keepSketchWithoutRetracted(AttentionSketch copy) {
    CachedSequence entry = entry();
    entry.withoutRetracted(copy);
    account(entry);
  }

  @Override
  public byte[] queries() {
    return stored.queries();
  }

  @Override
  public void putQueries(byte[] queries) {
    stored.putQueries(queries);
  }

  @Override
  public void clearQueries() {
    stored.clearQueries();
  }

  @Override
  public void clearContent() {
    entry().dropContent();
    account(entry());
    stored.clearContent();
  }
}
