// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import java.util.Arrays;

/** A growing, reusable array of indices. */
final class IndexBuffer {

  private static final int FIRST = 64;

  /** A larger array is released, so that one large record does not hold memory permanently. */
  private static final int KEPT = 1 << 16;

  private int[] indices = new int[FIRST];
  private int size;

  /** Removes all indices. */
  void clear() {
    size = 0;
    if (indices.length > KEPT) {
      indices = new int[FIRST];
    }
  }

  /** Adds an index. */
  void add(int index) {
    if (size == indices.length) {
      indices = Arrays.copyOf(indices, size * 2);
    }
    indices[size++] = index;
  }

  /** Returns the index at a place, 0 to size - 1. */
  int get(int place) {
    return indices[place];
  }

  /** Returns the number of indices. */
  int size() {
    return size;
  }
}
