// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.datasets.heads.Head;
import java.util.Arrays;

/**
 * Running means of the keys and values of clusters, with counts. Means have 16 bits when they are
 * read, and more in memory between two tokens.
 */
final class Means {
  private final Points rounded;
  private final int keyDim;
  private final int valueDim;
  private final float[] keys;
  private final float[] values;
  private final double[] counts;

  /**
   * Creates clusters without tokens.
   *
   * @param points weighted points, one for each cluster
   */
  Means(Points points, Head head) {
    this.rounded = points;
    this.keyDim = head.keyDim();
    this.valueDim = head.valueDim();
    this.keys = new float[points.slots() * keyDim];
    this.values = new float[points.slots() * valueDim];
    this.counts = new double[points.slots()];
  }

  /** Returns the number of clusters. */
  int clusters() {
    return counts.length;
  }

  /** Returns the number of tokens of a cluster. */
  double count(int cluster) {
    return counts[cluster];
  }

  /** Adds a token to a cluster. */
  void add(int cluster, float[] key, float[] value) {
    add(cluster, key, value, 1);
  }

  /** Adds tokens of a mean key and a mean value to a cluster. */
  void add(int cluster, float[] key, float[] value, double count) {
    counts[cluster] += count;
    double share = count / counts[cluster];
    mix(keys, cluster * keyDim, key, share);
    mix(values, cluster * valueDim, value, share);
  }

  private static void mix(float[] means, int at, float[] other, double share) {
    for (int i = 0; i < other.length; i++) {
      means[at + i] += (float) (share * (other[i] - means[at + i]));
    }
  }

  /** Moves the tokens of one cluster to another. */
  void merge(int from, int into) {
    add(into, key(from), value(from), counts[from]);
    counts[from] = 0;
  }

  /** Returns a copy of the mean key of a cluster. */
  float[] key(int cluster) {
    return Arrays.copyOfRange(keys, cluster * keyDim, (cluster + 1) * keyDim);
  }

  /** Returns a copy of the mean value of a cluster. */
  float[] value(int cluster) {
    return Arrays.copyOfRange(values, cluster * valueDim, (cluster + 1) * valueDim);
  }

  /** Returns the clusters that have tokens, as points weighted by their counts. */
  Points points() {
    rounded.clear();
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] > 0) {
        rounded.put(rounded.filled(), key(c), value(c), Math.log(counts[c]));
      }
    }
    return rounded;
  }
}
