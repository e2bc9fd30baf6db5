// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.List;
import java.util.Optional;

/**
 * Attention over the means of clustered keys and values, weighted by the clusters' counts: k-means
 * in one pass, as caches of keys are clustered in SubGen (Zandieh et al., arXiv 2402.06082) and
 * Squeezed Attention (Hooper et al., arXiv 2411.09688). Differences: each new token is a cluster,
 * and the two closest clusters are merged ({@link MergingClusters}), which is as accurate as
 * Lloyd's k-means over the whole stream; tokens are close by keys alone, as in the papers, or by
 * the logits that past queries make of keys and by values ({@link TokenSpace}), which halves some
 * errors. It promises exact answers while every token has a cluster, and where the tokens of each
 * cluster are equal.
 */
final class ClusterMeans implements Method {

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  private final TokenSpace.Keys keys;
  private final double valueWeight;
  private final Optional<TokenSpace> space;

  /**
   * Creates a method that has learned nothing.
   *
   * @param keys how differences of keys are measured
   * @param valueWeight size of values relative to keys; 0 compares keys alone
   */
  ClusterMeans(TokenSpace.Keys keys, double valueWeight) {
    this(keys, valueWeight, Optional.empty());
  }

  private ClusterMeans(TokenSpace.Keys keys, double valueWeight, Optional<TokenSpace> space) {
    this.keys = keys;
    this.valueWeight = valueWeight;
    this.space = space;
  }

  /** Returns the method with the settings to choose from. */
  static Method tuned() {
    return new Tuned(
        "k-means",
        List.of(
            new ClusterMeans(TokenSpace.Keys.PLAIN, 0),
            new ClusterMeans(TokenSpace.Keys.PLAIN, 0.5),
            new ClusterMeans(TokenSpace.Keys.BY_QUERIES, 0.25),
            new ClusterMeans(TokenSpace.Keys.BY_QUERIES, 0.5)));
  }

  @Override
  public String name() {
    return "k-means";
  }

  @Override
  public Method learn(Past past) {
    TokenSpace learned = new TokenSpace(past.rows(), keys, valueWeight);
    return new ClusterMeans(keys, valueWeight, Optional.of(learned));
  }

  @Override
  public long sharedBytes() {
    return space.map(TokenSpace::sharedBytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    TokenSpace learned = Peers.learned(space, name());
    Means means = new Means(Points.weightedWithin(bytes - FIXED_BYTES, head, 1), head);
    return new Clustered(means, new MergingClusters(learned, means));
  }

  private static final class Clustered implements State {
    private final Means means;
    private final MergingClusters clusters;
    private long seen;

    Clustered(Means means, MergingClusters clusters) {
      this.means = means;
      this.clusters = clusters;
    }

    @Override
    public void accept(float[] key, float[] value) {
      clusters.accept(key, value);
      seen++;
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(means.points().sums(queries));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + means.points().bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= means.clusters();
    }
  }
}
