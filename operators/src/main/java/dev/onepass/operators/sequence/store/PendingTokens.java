// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * The pending tokens of a cached sequence, and how many of them the backend has. The elements that
 * are written do not depend on when they are written: tokens that replaced others are one element,
 * and each later token is one element.
 */
final class PendingTokens {
  private static final int FIRST_TOKENS = 1;

  /** All tokens except the unread ones; null for none. */
  private TokenBlock block;

  /** Whether the backend has earlier tokens that were not read. */
  private boolean unread;

  /** Whether the tokens of the backend are to be replaced. */
  private boolean outdated;

  /** Number of tokens at the beginning of the block that form one element. */
  private int together;

  /** Number of tokens at the beginning of the block that the backend has. */
  private int written;

  /**
   * Creates tokens that are not on the heap.
   *
   * @param stored whether the backend has any
   */
  PendingTokens(boolean stored) {
    unread = stored;
  }

  /** Returns all tokens; reads them from the backend if needed. */
  TokenBlock all(ManagedSequenceStore store, int keyDim, int valueDim) {
    if (unread) {
      TokenBlock all = store.pending(keyDim, valueDim);
      int stored = all.count();
      if (block != null) {
        all.append(block.slice(written, block.count()));
      }
      block = all;
      written = stored;
      unread = false;
    }
    if (block == null) {
      block = new TokenBlock(keyDim, valueDim, FIRST_TOKENS);
    }
    return block;
  }

  void append(Token token) {
    if (block == null) {
      block = new TokenBlock(token.key().length, token.value().length, FIRST_TOKENS);
    }
    block.append(token);
  }

  void replace(TokenBlock others) {
    outdated |= unread || written > 0;
    unread = false;
    written = 0;
    together = others.count();
    if (block != null && together == 0 && block.keyDim() == others.keyDim()) {
      // The next block will have as many tokens.
      block.clear();
    } else {
      block = others;
    }
  }

  /** Drops all tokens, without writing that to the backend. */
  void drop() {
    empty();
    unread = false;
    outdated = false;
  }

  boolean isChanged() {
    return outdated || written < count();
  }

  /** Writes the tokens that the backend does not have. */
  void writeTo(ManagedSequenceStore store) {
    List<byte[]> chunks = new ArrayList<>(count() - written);
    if (written < together) {
      chunks.add(PendingChunk.of(block, 0, together));
      written = together;
    }
    for (; written < count(); written++) {
      chunks.add(PendingChunk.of(block, written, written + 1));
    }
    if (outdated) {
      store.replacePending(chunks);
      outdated = false;
    } else {
      store.appendPending(chunks);
    }
  }

  /** Drops the tokens from the heap; the backend must have all of them. */
  void release() {
    unread |= count() > 0;
    empty();
  }

  private void empty() {
    block = null;
    together = 0;
    written = 0;
  }

  private int count() {
    return block == null ? 0 : block.count();
  }

  long heapBytes() {
    return block == null
        ? 0
        : (long) Float.BYTES
                * (block.keys().length + block.values().length + 2L * block.signs().length)
            + (long) Long.BYTES * block.times().length;
  }
}
