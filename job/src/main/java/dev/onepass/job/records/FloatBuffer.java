package dev.onepass.job.records;

import java.util.Arrays;

/** A growing array of floats that is filled again and again. */
final class FloatBuffer {

  private float[] floats = new float[256];
  private int size;

  void clear() {
    size = 0;
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

  float[] toArray() {
    return Arrays.copyOf(floats, size);
  }
}
