package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.blocks.TokenBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * The pending tokens of a sequence that is on the heap, and how far the backend has them. What is
 * written is the same whenever that is done: the tokens that replaced others are one element, and
 * every later one is an element of its own.
 */
final class PendingTokens {
  private static final int FIRST_TOKENS = 1;

  /** All but those that are unread; null for none. */
  private TokenBlock block;

  /** Whether the backend has tokens from before these, which nobody has asked for. */
  private boolean unread;

  /** Whether what the backend has is to be replaced. */
  private boolean outdated;

  /** Tokens at the beginning of the block that are one element. */
  private int together;

  /** Tokens at the beginning of the block that the backend has. */
  private int written;

  /**
   * Tokens that are not on the heap.
   *
   * @param stored whether the backend has any
   */
  PendingTokens(boolean stored) {
    unread = stored;
  }

  /** All of them, read from the backend if need be. */
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

  void append(float[] key, float[] value, float weight) {
    if (block == null) {
      block = new TokenBlock(key.length, value.length, FIRST_TOKENS);
    }
    block.append(key, value, weight);
  }

  void replace(TokenBlock others) {
    outdated |= unread || written > 0;
    unread = false;
    written = 0;
    together = others.count();
    if (block != null && together == 0) {
      // The next tokens will be as many.
      block.clear();
    } else {
      block = others;
    }
  }

  /** Forgets them, those of the backend included. */
  void drop() {
    empty();
    unread = false;
    outdated = false;
  }

  boolean isChanged() {
    return outdated || written < count();
  }

  /** Writes what the backend does not have. */
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

  /** Leaves them to the backend, which has them all. */
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
            * (block.keys().length + block.values().length + block.weights().length);
  }
}
