// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.stores;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceStore;

/**
 * A store that holds one sequence on the heap until it is written, as a job holds changed sequences
 * until its next checkpoint.
 */
public final class HeldStore implements SequenceStore {
  private final RocksStore stored;
  private Header header;
  private TokenBlock pending;
  private AttentionSketch sketch;

  /** Creates a store for the current sequence of a RocksDB store, which has no data yet. */
  public HeldStore(RocksStore stored) {
    this.stored = stored;
  }

  /** Writes the sequence to RocksDB. */
  public void writeBack() {
    stored.putHeader(header);
    stored.replacePending(pending);
    if (sketch != null) {
      stored.putSketch(sketch);
    }
  }

  @Override
  public Header header() {
    return header;
  }

  @Override
  public void putHeader(Header newHeader) {
    header = newHeader;
  }

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    return pending == null ? new TokenBlock(keyDim, valueDim, 1) : pending;
  }

  @Override
  public void appendPending(Token token) {
    pending = pending(token.key().length, token.value().length);
    pending.append(token);
  }

  @Override
  public void replacePending(TokenBlock block) {
    pending = block;
  }

  @Override
  public AttentionSketch sketch(AnchorSets anchors) {
    return sketch;
  }

  @Override
  public void putSketch(AttentionSketch newSketch) {
    sketch = newSketch;
  }

  @Override
  public byte[] queries() {
    return stored.queries();
  }

  @Override
  public void putQueries(byte[] bytes) {
    stored.putQueries(bytes);
  }

  @Override
  public void clearQueries() {
    stored.clearQueries();
  }

  @Override
  public void clearContent() {
    pending = null;
    sketch = null;
    stored.clearContent();
  }
}
