// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * Reduces the number of clusters. Unites the cheapest pair first, by Ward's cost (Journal of the
 * American Statistical Association 58, 1963): the scatter of the union beyond that of its parts,
 * {@code n_a n_b / (n_a + n_b) |mu_a - mu_b|^2}, with three changes.
 *
 * <ul>
 *   <li>Mean values are part of the distance. Their weight makes the values of all tokens scatter
 *       {@value #VALUE_WEIGHT} of what the keys do: tokens with equal values are safe to unite.
 *   <li>{@value #PRIOR} of the mean count is added to each count. Otherwise it would always be
 *       cheaper to unite a token with a large cluster than to unite two large clusters, and the
 *       clusters of the first tokens would stay for ever. So a new centre counts for the tokens
 *       that it is going to have.
 *   <li>A pure cluster of n tokens adds n - 1 to the factor, because all of its tokens would no
 *       longer be exact. So a sink's cluster is united last.
 * </ul>
 *
 * <p>If tokens have weights, n are masses, and 1 is the mean weight of a unit of mass, {@code sum
 * w^2 / sum w}. Costs are computed in units of about the mean mass, so they do not depend on the
 * exponent.
 *
 * <p>Candidates are the nearest partners of all new clusters and of some old ones, {@value
 * #OLD_FOR_A_NEW} for each new one, chosen in turn. A reduction of b new clusters among C takes
 * about 3 b C (d + dv) multiplications, and at most a third more. Trying all old clusters lowers
 * the error by 3 % and takes twice the time. Among equal costs the lower number wins, so the result
 * is deterministic.
 */
final class Reduction {

  /** Old clusters that are tried for a union, for each new cluster. */
  static final int OLD_FOR_A_NEW = 2;

  /** The least number of old clusters that are tried. */
  private static final int LEAST_OLD = 32;

  /** Clusters whose distances from all others are computed together. */
  private static final int MEASURED_AT_ONCE = 16;

  /** Points that the kernel takes together. */
  private static final int POINTS = 4;

  private static final double PRIOR = 0.1;

  private static final double VALUE_WEIGHT = 0.05;

  /** Arrays that a thread keeps; their content is undefined between reductions. */
  private static final class Scratch {

    /** Points, in the layout of {@link Kernels#squareDistances}. */
    float[] panels = {};

    /** Distances of {@value #MEASURED_AT_ONCE} clusters from all clusters. */
    float[] distances = {};

    /** What a cluster's count, and what its purity, add to the factor of a union. */
    float[] sizes = {};

    float[] mixing = {};

    /** The cost of the union that a cluster offers; infinite if it offers none. */
    float[] costs = {};

    /** The cluster that it offers to unite with. */
    int[] partner = {};

    /** How often a cluster has changed. */
    int[] version = {};

    /** The sum of the versions of both clusters when the cost was computed. */
    int[] versions = {};

    /** The mean of all keys or values, and their squares. */
    double[] mean = {};

    double[] squares = {};

    /** The cluster that absorbed a cluster, or the cluster itself. */
    int[] survivor = {};

    void reserve(int dim, int stride) {
      panels = Floats.atLeast(panels, Math.multiplyExact(dim, stride));
      if (sizes.length < stride) {
        distances = new float[Math.multiplyExact(MEASURED_AT_ONCE, stride)];
        sizes = new float[stride];
        mixing = new float[stride];
        costs = new float[stride];
        partner = new int[stride];
        version = new int[stride];
        versions = new int[stride];
        survivor = new int[stride];
      }
      if (mean.length < dim) {
        mean = new double[dim];
        squares = new double[dim];
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Clusters clusters;
  private final Within within;
  private final long random;
  private final int total;
  private final double prior;

  /** The weight of one token. */
  private final double one;

  /** The factor of masses in floats, a power of two. */
  private final double perUnit;

  /** The number of clusters, including what fills up their last panel. */
  private final int stride;

  /** The length of the points between which distances are computed: d + dv. */
  private final int dim;

  /** The factor of mean values relative to mean keys. */
  private final float valueScale;

  private final float[] panels;
  private final float[] distances;
  private final float[] sizes;
  private final float[] mixing;
  private final float[] costs;
  private final int[] partner;
  private final int[] version;
  private final int[] versions;
  private final int[] survivor;

  /**
   * Creates a reduction.
   *
   * @param clusters all of them, the old ones first
   * @param target the largest number of clusters that may remain
   * @param random 64 bits that differ from call to call
   */
  private Reduction(Clusters clusters, Within within, int target, long random) {
    this.clusters = clusters;
    this.within = within;
    this.random = random;
    total = clusters.count;
    dim = clusters.keyDim + clusters.valueDim;
    Scratch scratch = SCRATCH.get();
    stride = (total + Kernels.PANEL - 1) / Kernels.PANEL * Kernels.PANEL;
    scratch.reserve(dim, stride);
    panels = scratch.panels;
    distances = scratch.distances;
    sizes = scratch.sizes;
    mixing = scratch.mixing;
    costs = scratch.costs;
    partner = scratch.partner;
    version = scratch.version;
    versions = scratch.versions;
    survivor = scratch.survivor;
    double tokens = 0;
    for (int a = 0; a < total; a++) {
      tokens += clusters.masses[a];
    }
    prior = PRIOR * tokens / target;
    one = clusters.isWeighted() ? meanWeight(tokens) : 1;
    perUnit = clusters.isWeighted() ? Math.scalb(1.0, -Math.getExponent(tokens / target)) : 1;
    valueScale = valueScale(tokens, scratch);
    Arrays.fill(version, 0, total, 0);
    Arrays.fill(costs, 0, stride, Float.POSITIVE_INFINITY);
    for (int a = 0; a < total; a++) {
      survivor[a] = a;
      weigh(a);
    }
    Arrays.fill(sizes, total, stride, 1f);
    Arrays.fill(mixing, total, stride, 0f);
    placeAll();
  }

  private double meanWeight(double tokens) {
    double mean = 0;
    for (int a = 0; a < total; a++) {
      mean += clusters.masses[a] / tokens * clusters.masses[a] / clusters.number(a);
    }
    return mean;
  }

  private float valueScale(double tokens, Scratch scratch) {
    double keyScatter = scatterOfMeans(clusters.keys, clusters.keyDim, tokens, scratch);
    for (int a = 0; a < total; a++) {
      keyScatter += clusters.masses[a] * clusters.spread[a];
    }
    double valueScatter =
        within.valueScatter() + scatterOfMeans(clusters.values, clusters.valueDim, tokens, scratch);
    double scale = valueScatter > 0 ? Math.sqrt(VALUE_WEIGHT * keyScatter / valueScatter) : 0;
    return (float) Math.min(Float.MAX_VALUE, scale);
  }

  /**
   * Returns the sum over tokens of the square distance of their cluster's mean from the mean of
   * all.
   */
  private double scatterOfMeans(float[] means, int length, double tokens, Scratch scratch) {
    double[] mean = scratch.mean;
    double[] squares = scratch.squares;
    Arrays.fill(mean, 0, length, 0);
    Arrays.fill(squares, 0, length, 0);
    Kernels.addWeightedRows(clusters.masses, means, total, length, mean);
    for (int i = 0; i < length; i++) {
      mean[i] /= tokens;
    }
    Kernels.addWeightedSquares(clusters.masses, means, total, length, mean, squares);
    double scatter = 0;
    for (int i = 0; i < length; i++) {
      scatter += squares[i];
    }
    return scatter;
  }

  /**
   * Unites clusters until at most {@code target} remain.
   *
   * @param old number of old clusters, which come first
   * @param target the largest number of clusters that may remain
   * @param turn selects the old clusters that are tried: the number of tokens so far
   * @param random 64 bits that no other call uses
   */
  static void reduce(
      Clusters clusters, Within within, int old, int target, long turn, long random) {
    if (clusters.count > target) {
      new Reduction(clusters, within, target, random).run(old, target, turn);
      clusters.removeEmpty();
    }
  }

  private void run(int old, int target, long turn) {
    offer(old, total);
    int tried = Math.min(Math.max(LEAST_OLD, OLD_FOR_A_NEW * (total - old)), old);
    int first = old == 0 ? 0 : (int) Math.floorMod(OLD_FOR_A_NEW * turn, (long) old);
    offer(first, Math.min(old, first + tried));
    offer(0, Math.max(0, first + tried - old));
    int alive = total;
    while (alive > target) {
      int a = Kernels.indexOfLeast(costs, total);
      if (costs[a] == Float.POSITIVE_INFINITY) {
        offerAll();
      } else if (isCurrent(a)) {
        int b = partner[a];
        costs[a] = Float.POSITIVE_INFINITY;
        boolean keepsA = clusters.masses[a] >= clusters.masses[b];
        unite(keepsA ? a : b, keepsA ? b : a, total - alive);
        alive--;
        if (keepsA) {
          offer(a);
        }
      }
    }
  }

  private void offerAll() {
    for (int a = 0; a < total; a++) {
      if (clusters.masses[a] > 0) {
        offer(a);
      }
    }
  }

  /** Returns whether a union is still what it was when it was offered; offers it again if not. */
  private boolean isCurrent(int a) {
    int b = partner[a];
    while (survivor[b] != b) {
      b = survivor[b];
    }
    if (b == a) {
      offer(a);
      return false;
    }
    if (b != partner[a] || version[a] + version[b] != versions[a]) {
      offer(a, b, squareDistance(a, b));
      return false;
    }
    return true;
  }

  private void unite(int a, int b, int step) {
    clusters.absorb(a, b, within, random + SplitMix64.mix(step));
    survivor[b] = a;
    costs[b] = Float.POSITIVE_INFINITY;
    version[a]++;
    weigh(a);
    place(a);
    remove(b);
  }

  /** Sets the terms that factors of unions with a cluster are computed from. */
  private void weigh(int a) {
    sizes[a] = (float) size(a);
    mixing[a] = (float) mixing(a);
  }

  /** Sets the points of all clusters. */
  private void placeAll() {
    int last = (stride - Kernels.PANEL) * dim;
    Arrays.fill(panels, last, stride * dim, 0f);
    for (int a = 0; a < total; a += Kernels.PANEL) {
      int points = Math.min(Kernels.PANEL, total - a);
      int at = Kernels.panelAt(a, dim);
      transpose(clusters.keys, a, points, clusters.keyDim, at);
      transpose(
          clusters.values, a, points, clusters.valueDim, at + clusters.keyDim * Kernels.PANEL);
    }
    for (int e = 0; e < stride * dim; e += Kernels.PANEL * dim) {
      scale(e + clusters.keyDim * Kernels.PANEL, e + dim * Kernels.PANEL);
    }
    for (int a = total; a < stride; a++) {
      remove(a);
    }
  }

  private void transpose(float[] rows, int first, int count, int length, int at) {
    for (int i = 0; i < length; i++) {
      int panel = at + i * Kernels.PANEL;
      for (int l = 0, e = first * length + i; l < count; l++, e += length) {
        panels[panel + l] = rows[e];
      }
    }
  }

  private void scale(int from, int to) {
    for (int e = from; e < to; e++) {
      panels[e] = scaled(panels[e]);
    }
  }

  /** Sets the point of a cluster. */
  private void place(int a) {
    int at = Kernels.panelAt(a, dim);
    for (int i = a * clusters.keyDim; i < (a + 1) * clusters.keyDim; i++, at += Kernels.PANEL) {
      panels[at] = clusters.keys[i];
    }
    for (int c = a * clusters.valueDim; c < (a + 1) * clusters.valueDim; c++, at += Kernels.PANEL) {
      panels[at] = scaled(clusters.values[c]);
    }
  }

  /** Moves a point so far away that it is nobody's nearest. */
  private void remove(int a) {
    panels[Kernels.panelAt(a, dim)] = Float.POSITIVE_INFINITY;
  }

  /** Returns a finite number, so that no difference is NaN. */
  private float scaled(float value) {
    return Floats.within(valueScale * value, Float.MAX_VALUE);
  }

  private double squareDistance(int a, int b) {
    double scale = (double) valueScale * valueScale;
    return clusters.squareKeyDistance(a, b) + scale * clusters.squareValueDistance(a, b);
  }

  private double factor(int a, int b) {
    double x = size(a);
    double y = size(b);
    return x * y / (x + y) + mixing(a) + mixing(b);
  }

  private double size(int a) {
    return (clusters.masses[a] + prior) * perUnit;
  }

  /** Returns what the loss of a pure cluster adds to the factor of a union. */
  private double mixing(int a) {
    return clusters.isPure(a) ? Math.max(0, clusters.masses[a] - one) * perUnit : 0;
  }

  /** Offers the unions of adjacent clusters, none of which is empty. */
  private void offer(int from, int to) {
    for (int a = from; a < to; a += MEASURED_AT_ONCE) {
      int points = Math.min(MEASURED_AT_ONCE, to - a);
      int measured = Math.min((points + POINTS - 1) / POINTS * POINTS, stride - a);
      Kernels.squareDistances(panels, stride, dim, a, points == 1 ? 1 : measured, distances);
      for (int p = 0; p < points; p++) {
        offerNearest(a + p, p * stride);
      }
    }
  }

  private void offer(int a) {
    offer(a, a + 1);
  }

  /**
   * Offers the cheapest union of a cluster.
   *
   * @param row where its distances begin
   */
  private void offerNearest(int a, int row) {
    distances[row + a] = Float.POSITIVE_INFINITY;
    int nearest =
        Kernels.indexOfLeastCost(distances, row, sizes, mixing, stride, sizes[a], mixing[a]);
    if (distances[row + nearest] == Float.POSITIVE_INFINITY) {
      // All squares exceed the largest float, so any partner is as good.
      nearest = firstPartner(a);
    }
    offer(a, nearest, distances[row + nearest]);
  }

  /** Offers a union. Its cost is finite; an infinite cost means that there is no offer. */
  private void offer(int a, int b, double squareDistance) {
    partner[a] = b;
    versions[a] = version[a] + version[b];
    costs[a] = (float) Math.min(Float.MAX_VALUE, squareDistance * factor(a, b));
  }

  private int firstPartner(int a) {
    int b = 0;
    while (b == a || clusters.masses[b] <= 0) {
      b++;
    }
    return b;
  }
}
