// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.sketch.blocks.TokenBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Converts pending tokens to elements of a list state and back. An element holds one token or
 * several, one after the other, little-endian:
 *
 * <pre>
 *   +---------------------+---------------+-----------------+
 *   | weight (i1), 1 or -1| key (d x f4)  | value (dv x f4) |  ...
 *   +---------------------+---------------+-----------------+
 * </pre>
 */
public final class PendingChunk {

  private PendingChunk() {}

  static int tokenBytes(int keyDim, int valueDim) {
    return 1 + Float.BYTES * (keyDim + valueDim);
  }

  /** Returns the tokens {@code from} (inclusive) to {@code to} (exclusive) as one element. */
  public static byte[] of(TokenBlock block, int from, int to) {
    int d = block.keyDim();
    int dv = block.valueDim();
    ByteBuffer buffer =
        ByteBuffer.allocate((to - from) * tokenBytes(d, dv)).order(ByteOrder.LITTLE_ENDIAN);
    for (int j = from; j < to; j++) {
      buffer.put((byte) block.weights()[j]);
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
    int d = block.keyDim();
    int dv = block.valueDim();
    if (chunk.length % tokenBytes(d, dv) != 0) {
      throw new IllegalStateException(
          "Expected whole pending tokens of dimensions %2$d, %3$d, got %1$d bytes."
              .formatted(chunk.length, d, dv));
    }
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    float[] key = new float[d];
    float[] value = new float[dv];
    while (buffer.hasRemaining()) {
      float weight = buffer.get();
      get(buffer, key);
      get(buffer, value);
      block.append(key, value, weight);
    }
  }

  private static void get(ByteBuffer buffer, float[] target) {
    buffer.asFloatBuffer().get(target);
    buffer.position(buffer.position() + Float.BYTES * target.length);
  }
}
