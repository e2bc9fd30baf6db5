// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.numerics.Draws;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Attention over the means of clustered keys and values, weighted by the clusters' counts: k-means
 * in one pass, as caches of keys and values are compressed (Zandieh et al., SubGen, arXiv
 * 2402.06082, section 2; Hooper et al., Squeezed Attention, arXiv 2411.09688). Differences:
 * clusters begin at the past's centres ({@link PastClusters}) or merge the stream's own tokens
 * ({@link MergingClusters}); and tokens are compared by keys alone, as in the papers, or by the
 * logits that past queries make of keys and by values ({@link TokenSpace}), which halves some
 * errors. It promises exact answers while every token has a cluster, and where the tokens of each
 * cluster are equal.
 */
final class ClusterMeans implements Method {

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  /** Maximum number of past rows to cluster, unless two for each cluster are more. */
  private static final int ROWS = 20_000;

  private static final int ROUNDS = 6;

  /** Where clusters begin. */
  enum Start {
    /** At the centres of past tokens. */
    PAST,
    /** At the stream's own tokens. */
    TOKENS
  }

  private final Start start;
  private final TokenSpace.Keys keys;
  private final double valueWeight;
  private final Optional<Learned> learned;

  /**
   * Creates a method that has learned nothing.
   *
   * @param start where clusters begin
   * @param keys how differences of keys are measured
   * @param valueWeight size of values relative to keys; 0 compares keys alone
   */
  ClusterMeans(Start start, TokenSpace.Keys keys, double valueWeight) {
    this(start, keys, valueWeight, Optional.empty());
  }

  private ClusterMeans(
      Start start, TokenSpace.Keys keys, double valueWeight, Optional<Learned> learned) {
    this.start = start;
    this.keys = keys;
    this.valueWeight = valueWeight;
    this.learned = learned;
  }

  /** Returns the method with the settings to choose from. */
  static Method tuned() {
    return new Tuned(
        "k-means",
        List.of(
            new ClusterMeans(Start.PAST, TokenSpace.Keys.PLAIN, 0),
            new ClusterMeans(Start.PAST, TokenSpace.Keys.BY_QUERIES, 0.25),
            new ClusterMeans(Start.PAST, TokenSpace.Keys.BY_QUERIES, 0.5),
            new ClusterMeans(Start.TOKENS, TokenSpace.Keys.PLAIN, 0),
            new ClusterMeans(Start.TOKENS, TokenSpace.Keys.BY_QUERIES, 0.5)));
  }

  @Override
  public String name() {
    return "k-means";
  }

  @Override
  public Method learn(Past past) {
    TokenSpace space = new TokenSpace(past.rows(), keys, valueWeight);
    return new ClusterMeans(start, keys, valueWeight, Optional.of(new Learned(past, space)));
  }

  @Override
  public long sharedBytes() {
    return learned.map(Learned::sharedBytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    Learned known =
        learned.orElseThrow(
            () -> new IllegalArgumentException("k-means has learned from no past rows"));
    Means means = new Means(Points.weightedWithin(bytes - FIXED_BYTES, head, 1), head);
    return new Clustered(
        means, start == Start.PAST ? joining(known, means) : merging(known, means));
  }

  private static Clustering merging(Learned known, Means means) {
    return new MergingClusters(known.space, means)::accept;
  }

  private static Clustering joining(Learned known, Means means) {
    Centres past = known.centres(means.clusters());
    return new PastClusters(known.space, means, past)::accept;
  }

  /** What all sequences share: the centres for every state size. */
  private static final class Learned {
    private final Past past;
    private final TokenSpace space;
    private final ConcurrentMap<Integer, Centres> ofCount = new ConcurrentHashMap<>();

    Learned(Past past, TokenSpace space) {
      this.past = past;
      this.space = space;
    }

    Centres centres(int count) {
      return ofCount.computeIfAbsent(count, this::cluster);
    }

    private Centres cluster(int count) {
      Random random = new Random(past.seed());
      int rows = past.rows().rows();
      int most = Math.min(rows, Math.max(ROWS, 2 * count));
      Head some = past.rows().only(Draws.distinct(rows, most, random));
      float[] coordinates = space.coordinates(some.keys(), some.values());
      return KMeans.of(coordinates, space.dim(), count, ROUNDS, random);
    }

    /** Returns the bytes of the largest set of centres so far, and of the metric. */
    long sharedBytes() {
      long largest = ofCount.values().stream().mapToLong(Centres::bytes).max().orElse(0);
      return largest + space.sharedBytes();
    }
  }

  /** How clusters take tokens. */
  @FunctionalInterface
  private interface Clustering {
    void accept(float[] key, float[] value);
  }

  private static final class Clustered implements State {
    private final Means means;
    private final Clustering clustering;
    private long seen;

    Clustered(Means means, Clustering clustering) {
      this.means = means;
      this.clustering = clustering;
    }

    @Override
    public void accept(float[] key, float[] value) {
      if (seen < means.clusters()) {
        means.add((int) seen, key, value);
      } else {
        if (seen == means.clusters()) {
          clusterAll();
        }
        clustering.accept(key, value);
      }
      seen++;
    }

    /** Clusters the tokens so far, each of which had a cluster. */
    private void clusterAll() {
      int count = means.clusters();
      float[][] keys = new float[count][];
      float[][] values = new float[count][];
      for (int j = 0; j < count; j++) {
        keys[j] = means.key(j);
        values[j] = means.value(j);
      }
      means.clear();
      for (int j = 0; j < count; j++) {
        clustering.accept(keys[j], values[j]);
      }
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
