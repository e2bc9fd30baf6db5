package dev.onepass.sketch.cluster;

import java.util.Arrays;

/**
 * Finds pure clusters by their key: an open-addressing table of cluster numbers. Tokens of one key
 * share a cluster however much room there is, so that sinks and repeated items are kept exactly.
 */
final class EqualKeys {

  /** Kept for a thread; nothing of what is in it is left. */
  private static final ThreadLocal<int[]> SLOTS = ThreadLocal.withInitial(() -> new int[0]);

  private final Clusters clusters;
  private final int[] slots;
  private final int mask;

  /** A table of the clusters there are, with room for so many more. */
  EqualKeys(Clusters clusters, int more) {
    this.clusters = clusters;
    int size = Integer.highestOneBit(Math.max(1, clusters.count + more)) * 4;
    if (SLOTS.get().length < size) {
      SLOTS.set(new int[size]);
    }
    slots = SLOTS.get();
    mask = size - 1;
    Arrays.fill(slots, 0, size, -1);
    for (int a = 0; a < clusters.count; a++) {
      if (clusters.isPure(a)) {
        findOrAdd(a);
      }
    }
  }

  /** The pure cluster in the table with the same key; the cluster itself, added, if it is new. */
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
      // An odd factor to each coordinate; adding 0 makes one zero of two.
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
