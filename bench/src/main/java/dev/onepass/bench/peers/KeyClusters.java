// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Clusters of tokens with near keys, found online. Each has a count and a uniform sample of its
 * tokens; the key of the first sample is its centre. A token joins the cluster with the nearest
 * centre if it lies within a radius, and begins a new cluster otherwise. When the bytes run out,
 * the two nearest clusters become one and the radius grows to their distance.
 */
final class KeyClusters {
  private final Points samples;
  private final int limit;
  private final int perCluster;
  private final boolean countsMass;
  private final Random random;
  private final List<Cluster> clusters = new ArrayList<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private double radius;

  private static final class Cluster {
    final List<Integer> slots = new ArrayList<>();
    float[] centre;
    long count;
    Cluster nearest;
    double distance = Double.POSITIVE_INFINITY;

    double logWeight() {
      return Math.log((double) count / slots.size());
    }
  }

  /**
   * Creates no clusters.
   *
   * @param limit maximum number of bytes
   * @param perCluster maximum number of samples of a cluster; fewer if not even one cluster fits
   * @param countsMass whether the distance of clusters of n and m tokens is n m / (n + m) |x -
   *     y|^2, by which the scatter grows when they become one (Ward, Journal of the American
   *     Statistical Association 58, 1963), instead of |x - y|^2
   * @throws IllegalArgumentException if no cluster fits; the message says so
   */
  KeyClusters(Head head, int limit, int perCluster, boolean countsMass, Random random) {
    int most = Points.within(limit - Float.BYTES, head, 1).slots();
    // A token may begin a cluster before two others become one.
    this.samples = Points.within(limit + Points.within(limit, head, 1).bytesOfOne(), head, 2);
    this.limit = limit;
    this.perCluster = Math.min(perCluster, most);
    this.countsMass = countsMass;
    this.random = random;
    for (int slot = 0; slot < samples.slots(); slot++) {
      free.add(slot);
    }
  }

  /** Folds a token. */
  void accept(float[] key, float[] value) {
    Cluster own = new Cluster();
    own.centre = Points.rounded(key);
    own.count = 1;
    findNearest(own);
    if (own.distance <= radius) {
      join(own.nearest, key, value);
    } else {
      begin(own, key, value);
    }
    while (bytes() > limit) {
      mergeNearest();
    }
  }

  /** Counts a token, and replaces a sample with the chance that keeps the sample uniform. */
  private void join(Cluster cluster, float[] key, float[] value) {
    cluster.count++;
    if (cluster.slots.size() < perCluster && cluster.slots.size() == cluster.count - 1) {
      cluster.slots.add(free.remove());
      samples.put(cluster.slots.get(cluster.slots.size() - 1), key, value);
      return;
    }
    long place = (long) (random.nextDouble() * cluster.count);
    if (place < cluster.slots.size()) {
      samples.put(cluster.slots.get((int) place), key, value);
    }
    if (place == 0) {
      cluster.centre = Points.rounded(key);
      moved(cluster, cluster);
    }
  }

  private void begin(Cluster cluster, float[] key, float[] value) {
    cluster.slots.add(free.remove());
    samples.put(cluster.slots.get(0), key, value);
    comeNear(cluster);
    clusters.add(cluster);
  }

  /** Makes a cluster the nearest one of those that have no nearer one. */
  private void comeNear(Cluster cluster) {
    for (Cluster other : clusters) {
      double distance = other == cluster ? Double.POSITIVE_INFINITY : distance(cluster, other);
      if (distance < other.distance) {
        other.distance = distance;
        other.nearest = cluster;
      }
    }
  }

  /** Updates nearest clusters after a centre moved and another cluster, or none, was dropped. */
  private void moved(Cluster cluster, Cluster dropped) {
    for (Cluster other : clusters) {
      if (other == cluster || other.nearest == cluster || other.nearest == dropped) {
        findNearest(other);
      }
    }
    comeNear(cluster);
  }

  private void findNearest(Cluster cluster) {
    cluster.nearest = null;
    cluster.distance = Double.POSITIVE_INFINITY;
    for (Cluster other : clusters) {
      double distance = other == cluster ? Double.POSITIVE_INFINITY : distance(cluster, other);
      if (distance < cluster.distance) {
        cluster.distance = distance;
        cluster.nearest = other;
      }
    }
  }

  private double distance(Cluster a, Cluster b) {
    float sum = 0;
    for (int i = 0; i < a.centre.length; i++) {
      float difference = a.centre[i] - b.centre[i];
      sum += difference * difference;
    }
    return countsMass ? (double) a.count * b.count / (a.count + b.count) * sum : sum;
  }

  /** Distances only grow with counts, so a stored distance that is still right is the least. */
  private void mergeNearest() {
    while (true) {
      Cluster least = clusters.get(0);
      for (Cluster cluster : clusters) {
        least = cluster.distance < least.distance ? cluster : least;
      }
      double before = least.distance;
      findNearest(least);
      if (least.distance <= before) {
        radius = Math.max(radius, before);
        merge(least, least.nearest);
        return;
      }
    }
  }

  private void merge(Cluster a, Cluster b) {
    clusters.remove(b);
    unite(a, b);
    a.centre = samples.key(a.slots.get(0));
    moved(a, b);
  }

  /** Makes a uniform sample of two: the next one is of either with the chance of its tokens. */
  private void unite(Cluster a, Cluster b) {
    List<Integer> both = new ArrayList<>();
    long ofA = a.count;
    long ofB = b.count;
    while (both.size() < perCluster && ofA + ofB > 0) {
      boolean first = random.nextDouble() * (ofA + ofB) < ofA;
      List<Integer> from = first ? a.slots : b.slots;
      both.add(from.remove(random.nextInt(from.size())));
      ofA -= first ? 1 : 0;
      ofB -= first ? 0 : 1;
    }
    free.addAll(a.slots);
    free.addAll(b.slots);
    a.slots.clear();
    a.slots.addAll(both);
    a.count += b.count;
  }

  /** Returns softmax sums in which a sample stands for its share of its cluster. */
  SoftmaxSum sums(QueryBlock queries) {
    double[] logWeights = new double[samples.slots()];
    Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
    for (Cluster cluster : clusters) {
      for (int slot : cluster.slots) {
        logWeights[slot] = cluster.logWeight();
      }
    }
    return samples.sums(queries, slot -> logWeights[slot]);
  }

  /** Returns the bytes of counts and samples. */
  long bytes() {
    long used = (long) samples.slots() - free.size();
    return used * samples.bytesOfOne() + (long) clusters.size() * Float.BYTES;
  }
}
