// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Header;

/** The part of one sequence that is on the heap. */
final class CachedSequence {

  /** Bytes of the entry itself, its key and header, and their place in the map. */
  private static final int OVERHEAD = 512;

  private final SequenceKey key;
  private final PendingTokens pending;
  private Header header;
  private Lifetime lifetime;
  private boolean headerChanged;

  private AttentionSketch sketch;
  private boolean sketchChanged;

  /** The sketch that answers while retractions are pending; null if there is none. */
  private AttentionSketch withoutRetracted;

  /** When the sketch was put, in nanoseconds; 0 for never. */
  private long put;

  /** Number of the checkpoint after which the sketch was predicted to stay; 0 for none. */
  private long foreseenAfter;

  /** Number of the checkpoint after which pending tokens were written early; 0 for none. */
  private long settledAfter;

  private long bytes;

  /** Takes up what is stored of a sequence; null for nothing. */
  CachedSequence(SequenceKey key, SequenceRecord stored) {
    this.key = key;
    // The heap backend returns the same object that its snapshots write.
    header = stored == null ? null : stored.copy().header();
    lifetime = stored == null ? Lifetime.UNLIMITED : stored.lifetime();
    pending = new PendingTokens(header != null && header.pending() > 0);
  }

  SequenceKey key() {
    return key;
  }

  Header header() {
    return header;
  }

  /** Changes the header; null drops it. */
  void header(Header changed) {
    header = changed;
    headerChanged = true;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  void lifetime(Lifetime changed) {
    lifetime = changed;
    headerChanged = true;
  }

  PendingTokens pending() {
    return pending;
  }

  /**
   * Appends a pending token.
   *
   * @return the bytes by which the entry has grown; called for every token, it does not measure the
   *     whole entry
   */
  long append(Token token) {
    long before = pending.heapBytes();
    pending.append(token);
    long grown = pending.heapBytes() - before;
    bytes += grown;
    return grown;
  }

  /** Writes the pending tokens, once between checkpoints, if the next checkpoint is due soon. */
  void writePendingEarly(CheckpointRhythm rhythm, ManagedSequenceStore store) {
    if (settledAfter != rhythm.count()
        && rhythm.isTrusted()
        && rhythm.isDueSoon(System.nanoTime())) {
      settledAfter = rhythm.count();
      pending.writeTo(store);
    }
  }

  /** Returns the sketch, or null if it is not on the heap. */
  AttentionSketch sketch() {
    return sketch;
  }

  /** Reads the sketch if one is stored. */
  void readSketch(ManagedSequenceStore store, AnchorSets anchors) {
    byte[] stored = store.sketch();
    sketch = stored == null ? null : SketchFamilies.heapify(stored, anchors);
  }

  void putSketch(AttentionSketch changed) {
    sketch = changed;
    sketchChanged = true;
    withoutRetracted = null;
  }

  /**
   * Writes the sketch, which was just put, if it is predicted to stay until the next checkpoint.
   */
  void writeSketchEarly(CheckpointRhythm rhythm, ManagedSequenceStore store) {
    if (isForeseenToStay(rhythm, System.nanoTime()) && rhythm.isTrusted()) {
      writeSketch(store);
    }
  }

  /**
   * Returns whether the sketch, which was just put, is predicted to be the same at the next
   * checkpoint. The next put is expected to take a little longer than this one did.
   */
  private boolean isForeseenToStay(CheckpointRhythm rhythm, long now) {
    if (foreseenAfter == rhythm.count() && foreseenAfter > 0) {
      rhythm.countWrong();
    }
    long untilNextPut = put == 0 ? Long.MAX_VALUE : (now - put) / 8 * 9;
    put = now;
    boolean stays = rhythm.isDueWithin(untilNextPut, now);
    foreseenAfter = stays ? rhythm.count() : 0;
    if (stays) {
      rhythm.countForeseen();
    }
    return stays;
  }

  private void writeSketch(ManagedSequenceStore store) {
    store.putSketch(sketch.toByteArray());
    sketchChanged = false;
  }

  AttentionSketch withoutRetracted() {
    return withoutRetracted;
  }

  /** Keeps the sketch that answers while retractions are pending; null drops it. */
  void withoutRetracted(AttentionSketch copy) {
    withoutRetracted = copy;
  }

  /** Returns whether the backend lacks changes. */
  boolean isChanged() {
    return headerChanged || pending.isChanged() || sketchChanged;
  }

  /** Writes the changes that the backend lacks. */
  void writeTo(ManagedSequenceStore store) {
    if (headerChanged) {
      store.putHeader(header == null ? null : new SequenceRecord(header, lifetime).copy());
    }
    if (pending.isChanged()) {
      pending.writeTo(store);
    }
    if (sketch == null) {
      // The next token does not need them, and a sequence without a sketch may have many.
      pending.release();
    }
    if (sketchChanged) {
      writeSketch(store);
    }
    headerChanged = false;
  }

  /** Drops everything except the header and lifetime. */
  void dropContent() {
    pending.drop();
    sketch = null;
    sketchChanged = false;
    withoutRetracted = null;
  }

  /** Returns the bytes on the heap when the entry was last measured. */
  long bytes() {
    return bytes;
  }

  /** Estimates the bytes on the heap from above. */
  void measure() {
    bytes =
        OVERHEAD
            + 2L * (key.head().length() + key.sequence().length())
            + pending.heapBytes()
            + heapBytes(sketch)
            + heapBytes(withoutRetracted);
  }

  private static long heapBytes(AttentionSketch sketch) {
    return sketch == null ? 0 : sketch.heapBytes();
  }
}
