package dev.onepass.sketch.cluster;

import dev.onepass.sketch.feature.RandomRounding;
import dev.onepass.sketch.kernel.Kernels;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Makes clusters fewer, the cheapest pair first, by Ward's cost (Journal of the American
 * Statistical Association 58, 1963): what the union scatters beyond its parts, {@code n_a n_b /
 * (n_a + n_b) |mu_a - mu_b|^2}, with three changes.
 *
 * <ul>
 *   <li>Mean values have a part in the distance, so weighted that the values of all tokens scatter
 *       {@value #VALUE_WEIGHT} of what the keys do: tokens of one value are safe to unite.
 *   <li>Counts have {@value #PRIOR} of the mean count added. Otherwise a token would always be
 *       cheaper to lose in a large cluster than two large clusters are to unite, and the clusters
 *       of the first tokens would stay for ever: a new centre counts for the tokens it is going to
 *       have.
 *   <li>A pure cluster of n tokens adds n - 1 to the factor: all of them would be exact no more. So
 *       a sink's cluster is the last to be mixed with others.
 * </ul>
 *
 * <p>Candidates are the nearest partners of all new clusters and of so many old ones that all get
 * their turn, so a reduction of b new clusters among C takes (b + {@value #OLD_CANDIDATES}) C (d +
 * dv) multiplications and no more than that again. Ties go to the lower number: deterministic.
 */
final class Reduction {

  /** Old clusters that are tried for a union with each other, each time. */
  static final int OLD_CANDIDATES = 512;

  /** Clusters whose distances from all are found together. */
  private static final int MEASURED_AT_ONCE = 16;

  private static final double PRIOR = 0.1;

  private static final double VALUE_WEIGHT = 0.05;

  private static final Comparator<Pair> CHEAPEST =
      Comparator.comparingDouble(Pair::cost).thenComparingInt(Pair::a).thenComparingInt(Pair::b);

  /** A possible union, with the clusters' versions when its cost was found. */
  private record Pair(double cost, int a, int b, int versionA, int versionB) {}

  private final Clusters clusters;
  private final Within within;
  private final long random;
  private final int total;
  private final double prior;

  /** Length of the points that distances are taken between: d + dv. */
  private final int dim;

  /** What mean values are multiplied with beside mean keys. */
  private final double valueScale;

  /** Points, dim x total: the distances to all clusters are found coordinate by coordinate. */
  private final float[] columns;

  /** Of {@value #MEASURED_AT_ONCE} clusters from all. */
  private final float[] distances;

  /** What a cluster's count and what mixing it with another one add to the factor of a union. */
  private final float[] sizes;

  private final float[] mixing;

  /** Of the unions of one cluster with all. */
  private final float[] costs;

  private final int[] version;

  /** The cluster that took a cluster in, or itself. */
  private final int[] survivor;

  private final PriorityQueue<Pair> queue = new PriorityQueue<>(CHEAPEST);

  /**
   * @param clusters all of them, the old ones first
   * @param target clusters that there may be
   * @param random differs from call to call
   */
  private Reduction(Clusters clusters, Within within, int target, long random) {
    this.clusters = clusters;
    this.within = within;
    this.random = random;
    total = clusters.count;
    double tokens = 0;
    for (int a = 0; a < total; a++) {
      tokens += clusters.tokens[a];
    }
    prior = PRIOR * tokens / target;
    dim = clusters.keyDim + clusters.valueDim;
    valueScale = valueScale(tokens);
    columns = new float[Math.multiplyExact(dim, total)];
    distances = new float[Math.multiplyExact(MEASURED_AT_ONCE, total)];
    sizes = new float[total];
    mixing = new float[total];
    costs = new float[total];
    version = new int[total];
    survivor = new int[total];
    for (int a = 0; a < total; a++) {
      survivor[a] = a;
      describe(a);
    }
  }

  private double valueScale(double tokens) {
    double keyScatter = scatterOfMeans(clusters.keys, clusters.keyDim, tokens);
    for (int a = 0; a < total; a++) {
      keyScatter += clusters.tokens[a] * clusters.spread[a];
    }
    double valueScatter =
        within.valueScatter() + scatterOfMeans(clusters.values, clusters.valueDim, tokens);
    return valueScatter > 0 ? Math.sqrt(VALUE_WEIGHT * keyScatter / valueScatter) : 0;
  }

  /** The sum over tokens of the square distance of their cluster's mean from the mean of all. */
  private double scatterOfMeans(float[] means, int length, double tokens) {
    double scatter = 0;
    for (int i = 0; i < length; i++) {
      double mean = 0;
      for (int a = 0; a < total; a++) {
        mean += clusters.tokens[a] / tokens * means[a * length + i];
      }
      for (int a = 0; a < total; a++) {
        double x = means[a * length + i] - mean;
        scatter += clusters.tokens[a] * x * x;
      }
    }
    return scatter;
  }

  /**
   * Unites clusters until there are no more than {@code target}.
   *
   * @param old how many of them, from the first on, were there before
   * @param turn picks the old ones that are tried; should go on by {@link #OLD_CANDIDATES} or less
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
    int tried = Math.min(OLD_CANDIDATES, old);
    int first = old == 0 ? 0 : (int) Math.floorMod(turn, (long) old);
    offer(first, Math.min(old, first + tried));
    offer(0, Math.max(0, first + tried - old));
    int alive = total;
    while (alive > target) {
      Pair pair = queue.poll();
      if (pair == null) {
        offerAll();
      } else if (clusters.tokens[pair.a] > 0 && isCurrent(pair)) {
        boolean keepsA = clusters.tokens[pair.a] >= clusters.tokens[pair.b];
        unite(keepsA ? pair.a : pair.b, keepsA ? pair.b : pair.a, total - alive);
        alive--;
        if (keepsA) {
          offer(pair.a);
        }
      }
    }
  }

  private void offerAll() {
    for (int a = 0; a < total; a++) {
      if (clusters.tokens[a] > 0) {
        offer(a);
      }
    }
  }

  /** Whether a pair is what it was when it was offered; otherwise it is offered anew. */
  private boolean isCurrent(Pair pair) {
    int b = pair.b;
    while (survivor[b] != b) {
      b = survivor[b];
    }
    if (b == pair.a) {
      offer(pair.a);
      return false;
    }
    if (b != pair.b || version[b] != pair.versionB || version[pair.a] != pair.versionA) {
      queue.add(new Pair(cost(pair.a, b), pair.a, b, version[pair.a], version[b]));
      return false;
    }
    return true;
  }

  private void unite(int a, int b, int step) {
    clusters.absorb(a, b, within, random + RandomRounding.mix(step));
    survivor[b] = a;
    version[a]++;
    describe(a);
    // So far away that no one comes near.
    for (int i = 0; i < dim; i++) {
      columns[i * total + b] = Float.MAX_VALUE;
    }
  }

  /** Sets what the costs of unions with a cluster are worked out from. */
  private void describe(int a) {
    sizes[a] = (float) (clusters.tokens[a] + prior);
    mixing[a] = clusters.isPure(a) ? (float) (clusters.tokens[a] - 1) : 0;
    for (int i = 0; i < clusters.keyDim; i++) {
      columns[i * total + a] = clusters.keys[a * clusters.keyDim + i];
    }
    for (int c = 0; c < clusters.valueDim; c++) {
      double value = valueScale * clusters.values[a * clusters.valueDim + c];
      // Finite, so that no difference is none.
      columns[(clusters.keyDim + c) * total + a] =
          (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
    }
  }

  private double cost(int a, int b) {
    double squares = 0;
    for (int i = 0, column = 0; i < dim; i++, column += total) {
      double difference = (double) columns[column + a] - columns[column + b];
      squares += difference * difference;
    }
    return squares * factor(a, b);
  }

  private double factor(int a, int b) {
    double x = clusters.tokens[a] + prior;
    double y = clusters.tokens[b] + prior;
    double factor = x * y / (x + y);
    if (clusters.isPure(a)) {
      factor += clusters.tokens[a] - 1;
    }
    if (clusters.isPure(b)) {
      factor += clusters.tokens[b] - 1;
    }
    return factor;
  }

  /** Offers the unions of clusters next to each other, of which none is empty. */
  private void offer(int from, int to) {
    for (int a = from; a < to; a += MEASURED_AT_ONCE) {
      int points = Math.min(MEASURED_AT_ONCE, to - a);
      Kernels.squareDistances(columns, total, dim, a, points, distances);
      for (int p = 0; p < points; p++) {
        offerNearest(a + p, p * total);
      }
    }
  }

  private void offer(int a) {
    offer(a, a + 1);
  }

  /**
   * Offers the union of a cluster with the one that makes it cheapest.
   *
   * @param row where its distances begin
   */
  private void offerNearest(int a, int row) {
    distances[row + a] = Float.POSITIVE_INFINITY;
    float size = sizes[a];
    float mixed = mixing[a];
    for (int b = 0; b < total; b++) {
      costs[b] = distances[row + b] * (size * sizes[b] / (size + sizes[b]) + mixed + mixing[b]);
    }
    int nearest = Kernels.indexOfLeast(costs, total);
    if (costs[nearest] == Float.POSITIVE_INFINITY) {
      // Squares beyond the largest float: then any partner is as good.
      nearest = firstPartner(a);
    }
    double cost = distances[row + nearest] * factor(a, nearest);
    queue.add(new Pair(cost, a, nearest, version[a], version[nearest]));
  }

  private int firstPartner(int a) {
    int b = 0;
    while (b == a || clusters.tokens[b] <= 0) {
      b++;
    }
    return b;
  }
}
