package dev.onepass.job.records;

import java.util.Arrays;

/** A growing array of floats that is filled again and again. */
final class FloatBuffer {

  private static final int FIRST = 256;

  /** More than this is given back, so that one large record does not hold memory for ever. */
  private static final int KEPT = 1 << 16;

  private float[] floats = new float[FIRST];
  private int size;

  void clear() {
    size = 0;
    if (floats.length > KEPT) {
      floats = new float[FIRST];
    }
  }

  void add(float value) {
    if (size == floats.length) {
      floats = Arrays.copyOf(floats, size * 2);
    }
    floats[size++] = value;
  }

  int size() {
    return size;
  }

  int capacity() {
    return floats.length;
  }

  float[] toArray() {
    return Arrays.copyOf(floats, size);
  }
}
