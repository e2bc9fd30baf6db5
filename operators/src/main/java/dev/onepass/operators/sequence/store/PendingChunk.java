// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Converts pending tokens to elements of a list state and back. An element holds one token or
 * several, one after the other, little-endian:
 *
 * <pre>
 *   +-----------+----------+----------+---------------+-----------------+
 *   | kind (i1) | bias (f4)| time (i8)| key (d x f4)  | value (dv x f4) |  ...
 *   +-----------+----------+----------+---------------+-----------------+
 * </pre>
 *
 * <p>Kind: 1 a token without bias and time, 2 with a bias, 3 with both; negative for a retraction.
 */
public final class PendingChunk {

  private PendingChunk() {}

  private static final int PLAIN = 1;
  private static final int BIASED = 2;
  private static final int TIMED = 3;

  private static int kind(TokenBlock block, int j) {
    return block.times()[j] != 0 ? TIMED : block.biases()[j] != 0 ? BIASED : PLAIN;
  }

  private static int tokenBytes(TokenBlock block, int kind) {
    int extra = kind == PLAIN ? 0 : kind == BIASED ? Float.BYTES : Float.BYTES + Long.BYTES;
    return 1 + extra + Float.BYTES * (block.keyDim() + block.valueDim());
  }

  /** Returns the tokens {@code from} (inclusive) to {@code to} (exclusive) as one element. */
  public static byte[] of(TokenBlock block, int from, int to) {
    int d = block.keyDim();
    int dv = block.valueDim();
    int bytes = 0;
    for (int j = from; j < to; j++) {
      bytes += tokenBytes(block, kind(block, j));
    }
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int j = from; j < to; j++) {
      int kind = kind(block, j);
      buffer.put((byte) (block.signs()[j] > 0 ? kind : -kind));
      if (kind != PLAIN) {
        buffer.putFloat(block.biases()[j]);
      }
      if (kind == TIMED) {
        buffer.putLong(block.times()[j]);
      }
      buffer.asFloatBuffer().put(block.keys(), j * d, d).put(block.values(), j * dv, dv);
      buffer.position(buffer.position() + Float.BYTES * (d + dv));
    }
    return buffer.array();
  }

  /**
   * Appends the tokens of an element to a block.
   *
   * @throws IllegalStateException if the bytes are not whole tokens of the block's dimensions
   */
  public static void appendTo(TokenBlock block, byte[] chunk) {
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    float[] key = new float[block.keyDim()];
    float[] value = new float[block.valueDim()];
    while (buffer.hasRemaining()) {
      int signed = buffer.get();
      int kind = Math.abs(signed);
      if (kind < PLAIN || kind > TIMED || buffer.remaining() < tokenBytes(block, kind) - 1) {
        throw new IllegalStateException(
            "Expected whole pending tokens of dimensions %2$d, %3$d, got %1$d bytes."
                .formatted(chunk.length, block.keyDim(), block.valueDim()));
      }
      float bias = kind == PLAIN ? 0 : buffer.getFloat();
      long time = kind == TIMED ? buffer.getLong() : 0;
      get(buffer, key);
      get(buffer, value);
      block.append(new Token(key, value, Math.signum(signed), bias, time));
    }
  }

  private static void get(ByteBuffer buffer, float[] target) {
    buffer.asFloatBuffer().get(target);
    buffer.position(buffer.position() + Float.BYTES * target.length);
  }
}
