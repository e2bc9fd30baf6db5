// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;

/**
 * Stores one sequence on the heap, for use without a stream processor and for tests. It keeps the
 * header and the sketches as bytes, so nothing survives that is not in the bytes, except a copy of
 * the sketch without retracted tokens. Not thread-safe.
 */
@PublicEvolving
public final class HeapStore implements SequenceStore {

  private byte[] header;
  private TokenBlock pending;
  private byte[] sketch;
  private AttentionSketch withoutRetracted;
  private byte[] queries;

  /** Creates a store without a sequence. */
  public HeapStore() {}

  @Override
  @Internal
  public Header header() {
    return header == null ? null : Header.fromByteArray(header);
  }

  @Override
  @Internal
  public void putHeader(Header newHeader) {
    header = newHeader.toByteArray();
  }

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    return pending == null
        ? new TokenBlock(keyDim, valueDim, 0)
        : pending.slice(0, pending.count());
  }

  @Override
  public void appendPending(Token token) {
    if (pending == null) {
      pending = new TokenBlock(token.key().length, token.value().length, 1);
    }
    pending.append(token);
    if (token.isRetraction()) {
      withoutRetracted = null;
    }
  }

  @Override
  public void replacePending(TokenBlock block) {
    pending = block.slice(0, block.count());
    withoutRetracted = null;
  }

  @Override
  public AttentionSketch sketch(AnchorSets anchors) {
    return sketch == null ? null : SketchFamilies.heapify(sketch, anchors);
  }

  @Override
  public void putSketch(AttentionSketch newSketch) {
    sketch = newSketch.toByteArray();
    withoutRetracted = null;
  }

  @Override
  public AttentionSketch sketchWithoutRetracted() {
    return withoutRetracted;
  }

  @Override
  public void keepSketchWithoutRetracted(AttentionSketch copy) {
    withoutRetracted = copy;
  }

  /** Returns the sketch's bytes, or null if there is no sketch. */
  public byte[] sketchBytes() {
    return sketch == null ? null : sketch.clone();
  }

  @Override
  public byte[] queries() {
    return queries == null ? null : queries.clone();
  }

  @Override
  public void putQueries(byte[] bytes) {
    queries = bytes.clone();
  }

  @Override
  public void clearQueries() {
    queries = null;
  }

  @Override
  public void clearContent() {
    pending = null;
    sketch = null;
    withoutRetracted = null;
    queries = null;
  }
}
