// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;

/**
 * Stores the state of one sequence: header, pending block, sketch of the tokens, and sketch of the
 * queries.
 */
@PublicEvolving
public interface SequenceStore {

  /** Returns the header, or null if the sequence is unknown. */
  @Internal
  Header header();

  /** Writes the header. */
  @Internal
  void putHeader(Header header);

  /**
   * Returns the pending tokens in the order of acceptance. A caller that changes the block must
   * write it with {@link #replacePending}.
   */
  TokenBlock pending(int keyDim, int valueDim);

  /** Appends one token to the pending tokens without reading them. */
  void appendPending(Token token);

  /** Replaces the pending tokens; the store owns the block from then on. */
  void replacePending(TokenBlock block);

  /**
   * Returns the sketch, or null if there is none. A caller that changes the sketch must write it
   * with {@link #putSketch}.
   *
   * @param anchors the anchor sets of the head
   */
  AttentionSketch sketch(AnchorSets anchors);

  /** Writes the sketch; the store owns it from then on. */
  void putSketch(AttentionSketch sketch);

  /**
   * Returns the copy of the sketch that {@link #keepSketchWithoutRetracted} kept last, in which
   * pending retractions are folded. Returns null if there is none. A store must drop the copy when
   * a retraction is appended or when the pending tokens or the sketch are replaced, and may drop it
   * at any time.
   */
  default AttentionSketch sketchWithoutRetracted() {
    return null;
  }

  /** Keeps a copy of the sketch in which pending retractions are folded; never written. */
  default void keepSketchWithoutRetracted(AttentionSketch copy) {}

  /** Returns the bytes of the sketch of queries, or null if there is none. */
  byte[] queries();

  /** Writes the bytes of the sketch of queries. */
  void putQueries(byte[] bytes);

  /** Drops the sketch of queries. */
  void clearQueries();

  /** Drops everything except the header. */
  void clearContent();
}
