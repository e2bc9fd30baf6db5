// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.simd.Floats;

/**
 * Clusters of a stream's own tokens. Each new token is a cluster; then the two clusters are merged
 * whose tokens' square distances from their means increase least (Ward, Hierarchical Grouping to
 * Optimize an Objective Function, 1963). The partner of a cluster is known up to what other merges
 * have changed since it was found.
 */
final class MergingClusters {
  private final TokenSpace space;
  private final Means means;
  private final Centres centres;

  /** For each cluster, the other one with which it is merged at the least cost. */
  private final int[] partners;

  private final double[] costs;
  private int filled;

  MergingClusters(TokenSpace space, Means means) {
    this.space = space;
    this.means = means;
    this.centres = new Centres(space.dim(), means.clusters());
    this.partners = new int[means.clusters()];
    this.costs = new double[means.clusters()];
  }

  /** Takes the next token. */
  void accept(float[] key, float[] value) {
    int slot = filled < means.clusters() ? filled++ : slotFor(key, value);
    means.add(slot, key, value);
    update(slot);
  }

  /** Returns the cluster that a token joins, or one that was emptied for it. */
  private int slotFor(float[] key, float[] value) {
    double[] joining = costsOfMerging(space.coordinates(key, value), 1);
    int nearest = 0;
    int first = 0;
    for (int c = 1; c < filled; c++) {
      nearest = joining[c] < joining[nearest] ? c : nearest;
      first = costs[c] < costs[first] ? c : first;
    }
    if (filled == 1 || joining[nearest] <= costs[first]) {
      return nearest;
    }
    int emptied = partners[first];
    means.merge(emptied, first);
    centres.remove(emptied);
    update(first);
    return emptied;
  }

  /** Returns by how much merging with each cluster increases square distances from the mean. */
  private double[] costsOfMerging(float[] x, double count) {
    double square = Floats.squareSum(x, 0, x.length);
    float[] halves = centres.costs(x);
    double[] merging = new double[filled];
    for (int c = 0; c < filled; c++) {
      double other = means.count(c);
      merging[c] = count * other / (count + other) * Math.max(0, square + 2.0 * halves[c]);
    }
    return merging;
  }

  /** Moves the centre of a cluster to its mean, and finds its partner. */
  private void update(int slot) {
    float[] x = space.coordinates(means.key(slot), means.value(slot));
    centres.set(slot, x, 0);
    double[] merging = costsOfMerging(x, means.count(slot));
    costs[slot] = Double.POSITIVE_INFINITY;
    for (int c = 0; c < filled; c++) {
      if (c == slot || means.count(c) == 0) {
        continue;
      }
      if (merging[c] < costs[c] || partners[c] == slot) {
        costs[c] = merging[c];
        partners[c] = slot;
      }
      if (merging[c] < costs[slot]) {
        costs[slot] = merging[c];
        partners[slot] = c;
      }
    }
  }
}
