// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing, reusable array of floats. */
public final class FloatBuffer {

  private static final int FIRST = 256;

  /** A larger array is released, so that one large record does not hold memory permanently. */
  private static final int KEPT = 1 << 16;

  private float[] floats = new float[FIRST];
  private int size;

  /** Removes all floats. */
  public void clear() {
    size = 0;
    if (floats.length > KEPT) {
      floats = new float[FIRST];
    }
  }

  /** Adds a float. */
  public void add(float value) {
    if (size == floats.length) {
      floats = Arrays.copyOf(floats, size * 2);
    }
    floats[size++] = value;
  }

  /**
   * Adds all floats in the bytes.
   *
   * @return -1, or the index of the first float among them that is not finite
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

  /** Returns a float, by its place from 0 to size - 1. */
  float get(int place) {
    return floats[place];
  }

  /**
   * Copies floats.
   *
   * @return {@code count}
   */
  int copy(int from, float[] to, int at, int count) {
    System.arraycopy(floats, from, to, at, count);
    return count;
  }

  /** Returns the number of floats. */
  int size() {
    return size;
  }

  /** Returns the length of the array; for tests of its release. */
  int capacity() {
    return floats.length;
  }

  /** Returns a copy of the floats. */
  public float[] toArray() {
    return Arrays.copyOf(floats, size);
  }
}
