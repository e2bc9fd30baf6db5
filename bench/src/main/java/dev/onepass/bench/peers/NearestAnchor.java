// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.npy.Half;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Exact attention at clustered past queries, kept as running softmax sums; the nearest of them
 * answers a query. Sums at fixed queries are those of Feng et al. (Constant Memory Attention Block,
 * arXiv 2306.12599; see also arXiv 2605.18226), clustered queries those of Vyas, Katharopoulos and
 * Fleuret (Fast Transformers with Clustered Attention, arXiv 2007.04825). Differences: clusters
 * come from past queries, because a stream is read before it is asked; and a setting blends the
 * answers of the nearest few, by inverse square distances (Shepard, 1968). Near is by the variance
 * of the difference of logits, (q - a)' Cov(K) (q - a). It promises exact answers at the clustered
 * queries.
 *
 * <p>Tokens are kept while all of them fit. Afterwards outputs have 16 bits when they are read, and
 * more in memory between two tokens, where the sums are updated.
 */
final class NearestAnchor implements Method {

  /** Tokens seen. */
  private static final int FIXED_BYTES = Long.BYTES;

  private static final int ROUNDS = 4;

  private final int neighbours;
  private final Optional<Learned> learned;

  /**
   * Creates a method that has not learned queries.
   *
   * @param neighbours number of the nearest clustered queries that answer
   */
  NearestAnchor(int neighbours) {
    this(neighbours, Optional.empty());
  }

  private NearestAnchor(int neighbours, Optional<Learned> learned) {
    this.neighbours = neighbours;
    this.learned = learned;
  }

  /** Returns the method with the settings to choose from. */
  static Method tuned() {
    return new Tuned(
        "nearest-anchor",
        List.of(new NearestAnchor(1), new NearestAnchor(2), new NearestAnchor(4)));
  }

  @Override
  public String name() {
    return "nearest-anchor";
  }

  @Override
  public Method learn(Past past) {
    return new NearestAnchor(neighbours, Optional.of(new Learned(past)));
  }

  /** Returns the bytes of the largest set of clustered queries so far, and of the metric. */
  @Override
  public long sharedBytes() {
    return learned.map(Learned::sharedBytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    Learned known = Peers.learned(learned, name());
    int each = Short.BYTES * head.valueDim() + Float.BYTES;
    int count = (bytes - FIXED_BYTES) / each;
    if (count < 1) {
      throw new IllegalArgumentException(
          "an answer of %d bytes does not fit in the state size; set a larger state size"
              .formatted(each));
    }
    return new ExactFirst(
        bytes, head, new Answers(known.anchors(count), head.valueDim(), head.scale(), neighbours));
  }

  /** What all sequences share: the clustered queries of every state size. */
  private static final class Learned {
    private final Head rows;
    private final long seed;
    private final Metric metric;
    private final ConcurrentMap<Integer, Anchors> ofCount = new ConcurrentHashMap<>();

    Learned(Past past) {
      this.rows = past.rows();
      this.seed = past.seed();
      int dim = rows.keyDim();
      this.metric = Metric.ofCovariance(Arrays.copyOf(rows.keys(), rows.rows() * dim), dim);
    }

    Anchors anchors(int count) {
      return ofCount.computeIfAbsent(count, this::cluster);
    }

    private Anchors cluster(int count) {
      int dim = rows.keyDim();
      float[] queries = Arrays.copyOf(rows.queries(), rows.rows() * dim);
      Centres centres = KMeans.of(metric.mapped(queries), dim, count, ROUNDS, new Random(seed));
      return new Anchors(metric, centres, metric.unmapped(centres.points()));
    }

    long sharedBytes() {
      long largest = ofCount.values().stream().mapToLong(set -> set.mapped.bytes()).max().orElse(0);
      return largest + metric.bytes();
    }
  }

  /**
   * Clustered queries.
   *
   * @param metric in which they are near or far
   * @param mapped the clustered queries in that metric
   * @param queries the clustered queries as they are
   */
  private record Anchors(Metric metric, Centres mapped, float[] queries) {}

  /** Running softmax sums at each anchor: an output and ln of the sum of exponentials. */
  private static final class Sums {
    private final int valueDim;
    private final int count;
    private final double[] max;
    private final double[] sum;
    private final float[] outputs;
    private final double[] logits;

    Sums(int valueDim, int count) {
      this.valueDim = valueDim;
      this.count = count;
      this.max = new double[count];
      this.sum = new double[count];
      this.outputs = new float[count * valueDim];
      this.logits = new double[count];
      Arrays.fill(max, Double.NEGATIVE_INFINITY);
    }

    long bytes() {
      return (long) count * (Short.BYTES * valueDim + Float.BYTES);
    }

    /**
     * Adds a token.
     *
     * @param anchors queries at which the sums are, count x keyDim
     * @param scale multiplies q.k to give the logit
     */
    void add(float[] key, float[] value, float[] anchors, double scale) {
      Kernels.logits(key, 0, scale, anchors, count, key.length, logits);
      for (int a = 0; a < count; a++) {
        if (logits[a] > max[a]) {
          sum[a] *= Math.exp(max[a] - logits[a]);
          max[a] = logits[a];
        }
        logits[a] -= max[a];
      }
      Kernels.expMinus(logits, count, 0);
      for (int a = 0; a < count; a++) {
        sum[a] += logits[a];
        mix(a * valueDim, value, (float) (logits[a] / sum[a]));
      }
    }

    private void mix(int at, float[] value, float share) {
      for (int c = 0; c < valueDim; c++) {
        outputs[at + c] += share * (value[c] - outputs[at + c]);
      }
    }

    /** Adds a share of the output at an anchor, with 16 bits. */
    void addTo(float[] answer, int anchor, float share) {
      for (int c = 0; c < valueDim; c++) {
        answer[c] += share * Half.toFloat(Half.of(outputs[anchor * valueDim + c]));
      }
    }
  }

  private static final class Answers implements State {
    private final Anchors anchors;
    private final Sums sums;
    private final double scale;
    private final int neighbours;

    Answers(Anchors anchors, int valueDim, double scale, int neighbours) {
      this.anchors = anchors;
      this.sums = new Sums(valueDim, anchors.mapped.count());
      this.scale = scale;
      this.neighbours = Math.min(neighbours, anchors.mapped.count());
    }

    @Override
    public void accept(float[] key, float[] value) {
      sums.add(key, value, anchors.queries, scale);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      float[] scaled = queries.vectors().clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= (float) (queries.scale() / scale);
      }
      float[] mapped = anchors.metric.mapped(scaled);
      float[] costs = anchors.mapped.costs(mapped);
      int d = queries.dim();
      int count = anchors.mapped.count();
      float[][] outputs = new float[queries.count()][sums.valueDim];
      for (int q = 0; q < outputs.length; q++) {
        double square = Floats.squareSum(mapped, q * d, d);
        blend(Arrays.copyOfRange(costs, q * count, (q + 1) * count), square, outputs[q]);
      }
      return Unstated.of(outputs);
    }

    /** Adds the answers of the nearest anchors, weighted by inverse square distances. */
    private void blend(float[] costs, double square, float[] output) {
      int[] nearest = new int[neighbours];
      double[] weights = new double[neighbours];
      double all = 0;
      for (int i = 0; i < neighbours; i++) {
        nearest[i] = indexOfLeast(costs);
        double squareDistance = square + 2 * costs[nearest[i]];
        weights[i] = 1 / Math.max(squareDistance, 1e-6 * square + Double.MIN_NORMAL);
        all += weights[i];
        costs[nearest[i]] = Float.POSITIVE_INFINITY;
      }
      for (int i = 0; i < neighbours; i++) {
        sums.addTo(output, nearest[i], (float) (weights[i] / all));
      }
    }

    private static int indexOfLeast(float[] costs) {
      int best = 0;
      for (int a = 1; a < costs.length; a++) {
        if (costs[a] < costs[best]) {
          best = a;
        }
      }
      return best;
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + sums.bytes();
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }
}
