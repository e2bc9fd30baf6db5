package dev.onepass.job.format.fields;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing array of floats that is filled again and again. */
public final class FloatBuffer {

  private static final int FIRST = 256;

  /** More than this is given back, so that one large record does not hold memory for ever. */
  private static final int KEPT = 1 << 16;

  private float[] floats = new float[FIRST];
  private int size;

  public void clear() {
    size = 0;
    if (floats.length > KEPT) {
      floats = new float[FIRST];
    }
  }

  public void add(float value) {
    if (size == floats.length) {
      floats = Arrays.copyOf(floats, size * 2);
    }
    floats[size++] = value;
  }

  /**
   * Adds all floats that the bytes hold.
   *
   * @return -1, or the index among them of the first that is not finite
   */
  public int addFinite(ByteBuffer bytes) {
    int count = bytes.remaining() / Float.BYTES;
    if (count > floats.length - size) {
      floats = Arrays.copyOf(floats, Math.max(size + count, size * 2));
    }
    bytes.asFloatBuffer().get(floats, size, count);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(floats[size + i])) {
        return i;
      }
    }
    size += count;
    return -1;
  }

  int size() {
    return size;
  }

  public int capacity() {
    return floats.length;
  }

  public float[] toArray() {
    return Arrays.copyOf(floats, size);
  }
}
