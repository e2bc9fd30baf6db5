package dev.onepass.operators.state;

import dev.onepass.sketch.TokenBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Pending tokens as the elements of a list state hold them. An element holds one token or several,
 * one after the other, little-endian:
 *
 * <pre>
 *   +---------------------+---------------+-----------------+
 *   | weight (i1), 1 or -1| key (d x f4)  | value (dv x f4) |  ...
 *   +---------------------+---------------+-----------------+
 * </pre>
 */
final class PendingChunk {

  private PendingChunk() {}

  static int tokenBytes(int keyDim, int valueDim) {
    return 1 + Float.BYTES * (keyDim + valueDim);
  }

  static byte[] of(float[] key, float[] value, float weight) {
    ByteBuffer buffer = allocate(tokenBytes(key.length, value.length));
    put(buffer, key, 0, key.length, value, 0, value.length, weight);
    return buffer.array();
  }

  static byte[] of(TokenBlock block) {
    int d = block.keyDim();
    int dv = block.valueDim();
    ByteBuffer buffer = allocate(block.count() * tokenBytes(d, dv));
    for (int j = 0; j < block.count(); j++) {
      put(buffer, block.keys(), j * d, d, block.values(), j * dv, dv, block.weights()[j]);
    }
    return buffer.array();
  }

  static void appendTo(TokenBlock block, byte[] chunk) {
    int d = block.keyDim();
    int dv = block.valueDim();
    if (chunk.length % tokenBytes(d, dv) != 0) {
      throw new IllegalStateException(
          "%d pending bytes are no whole tokens of dimensions %d, %d"
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

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(
      ByteBuffer buffer, float[] key, int k, int d, float[] value, int v, int dv, float weight) {
    buffer.put((byte) weight);
    buffer.asFloatBuffer().put(key, k, d).put(value, v, dv);
    buffer.position(buffer.position() + Float.BYTES * (d + dv));
  }

  private static void get(ByteBuffer buffer, float[] target) {
    buffer.asFloatBuffer().get(target);
    buffer.position(buffer.position() + Float.BYTES * target.length);
  }
}
