// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import java.util.Arrays;

/**
 * Finds pure clusters by their key: an open-addressing table of cluster numbers. Tokens with the
 * same key share a cluster even if there is plenty of room, so that sinks and repeated items are
 * kept exactly.
 */
final class EqualKeys {

  /** Arrays that a thread keeps; their content is undefined between tables. */
  private static final class Scratch {
    int[] slots = {};

    void reserve(int size) {
      if (slots.length < size) {
        slots = new int[size];
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Clusters clusters;
  private final int[] slots;
  private final int mask;

  /**
   * Creates a table that holds the pure clusters among the first ones and has room for all.
   *
   * @param first number of clusters that are in the table from the beginning
   */
  EqualKeys(Clusters clusters, int first) {
    this.clusters = clusters;
    int size = Integer.highestOneBit(Math.max(1, clusters.count)) * 4;
    Scratch scratch = SCRATCH.get();
    scratch.reserve(size);
    slots = scratch.slots;
    mask = size - 1;
    Arrays.fill(slots, 0, size, -1);
    for (int a = 0; a < first; a++) {
      if (clusters.isPure(a)) {
        findOrAdd(a);
      }
    }
  }

  /**
   * Returns the pure cluster in the table with the same key as cluster a; adds a and returns it if
   * there is none.
   */
  int findOrAdd(int a) {
    int slot = hash(a) & mask;
    while (slots[slot] >= 0) {
      if (sameKey(slots[slot], a)) {
        return slots[slot];
      }
      slot = slot + 1 & mask;
    }
    slots[slot] = a;
    return a;
  }

  private int hash(int a) {
    int hash = 0;
    for (int i = 0, e = a * clusters.keyDim; i < clusters.keyDim; i++, e++) {
      // Multiplies each coordinate by an odd factor; adding 0 turns -0 into 0.
      hash += Float.floatToRawIntBits(clusters.keys[e] + 0f) * (i * 0x9e3779b2 | 1);
    }
    hash *= 0x9e3779b9;
    return hash ^ hash >>> 16;
  }

  private boolean sameKey(int a, int b) {
    for (int i = 0; i < clusters.keyDim; i++) {
      if (clusters.keys[a * clusters.keyDim + i] != clusters.keys[b * clusters.keyDim + i]) {
        return false;
      }
    }
    return true;
  }
}
