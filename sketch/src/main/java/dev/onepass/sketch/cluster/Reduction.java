package dev.onepass.sketch.cluster;

import dev.onepass.sketch.feature.RandomRounding;
import dev.onepass.sketch.kernel.Kernels;
import java.util.Arrays;
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
 * their turn, {@value #OLD_FOR_A_NEW} for a new one, so a reduction of b new clusters among C takes
 * about 3 b C (d + dv) multiplications and no more than a third of that again. Trying all old ones
 * lowers the error by 3 % and takes twice the time. Ties go to the lower number: deterministic.
 */
final class Reduction {

  /** Old clusters that are tried for a union with each other, for each new one. */
  static final int OLD_FOR_A_NEW = 2;

  /** Old clusters that are tried at least. */
  private static final int LEAST_OLD = 32;

  /** Clusters whose distances from all are found together. */
  private static final int MEASURED_AT_ONCE = 16;

  /** Columns have a multiple of so many numbers, so that the kernel has no rest of them. */
  private static final int COLUMNS = 32;

  /** Points that the kernel takes at once. */
  private static final int POINTS = 4;

  private static final double PRIOR = 0.1;

  private static final double VALUE_WEIGHT = 0.05;

  private static final Comparator<Pair> CHEAPEST =
      Comparator.comparingDouble(Pair::cost).thenComparingInt(Pair::a).thenComparingInt(Pair::b);

  /** A possible union, with the clusters' versions when its cost was found. */
  private record Pair(double cost, int a, int b, int versionA, int versionB) {}

  /** Arrays of a reduction, kept for a thread; nothing of what is in them is left. */
  private static final class Work {

    /** Points, dim x stride: the distances to all clusters are found coordinate by coordinate. */
    float[] columns = {};

    /** Of {@value #MEASURED_AT_ONCE} clusters from all. */
    float[] distances = {};

    /** What a cluster's count and what mixing it with another one add to the factor of a union. */
    float[] sizes = {};

    float[] mixing = {};

    /** Of the unions of one cluster with all; first what their distances are multiplied with. */
    float[] costs = {};

    int[] version = {};

    /** The cluster that took a cluster in, or itself. */
    int[] survivor = {};

    final PriorityQueue<Pair> queue = new PriorityQueue<>(CHEAPEST);

    void reserve(int total, int dim, int stride) {
      if (columns.length < Math.multiplyExact(dim, stride)) {
        columns = new float[dim * stride];
      }
      if (sizes.length < total) {
        distances = new float[Math.multiplyExact(MEASURED_AT_ONCE, stride)];
        sizes = new float[total];
        mixing = new float[total];
        costs = new float[total];
        version = new int[total];
        survivor = new int[total];
      }
      queue.clear();
    }
  }

  private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

  private final Clusters clusters;
  private final Within within;
  private final long random;
  private final int total;
  private final double prior;

  /** Length of a column: the clusters, and what fills it up. */
  private final int stride;

  /** Length of the points that distances are taken between: d + dv. */
  private final int dim;

  /** What mean values are multiplied with beside mean keys. */
  private final float valueScale;

  private final float[] columns;
  private final float[] distances;
  private final float[] sizes;
  private final float[] mixing;
  private final float[] costs;
  private final int[] version;
  private final int[] survivor;
  private final PriorityQueue<Pair> queue;

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
    dim = clusters.keyDim + clusters.valueDim;
    Work work = WORK.get();
    stride = (total + COLUMNS - 1) / COLUMNS * COLUMNS;
    work.reserve(total, dim, stride);
    columns = work.columns;
    distances = work.distances;
    sizes = work.sizes;
    mixing = work.mixing;
    costs = work.costs;
    version = work.version;
    survivor = work.survivor;
    queue = work.queue;
    double tokens = 0;
    for (int a = 0; a < total; a++) {
      tokens += clusters.tokens[a];
    }
    prior = PRIOR * tokens / target;
    valueScale = valueScale(tokens);
    for (int a = 0; a < total; a++) {
      version[a] = 0;
      survivor[a] = a;
      weigh(a);
    }
    placeAll();
  }

  private float valueScale(double tokens) {
    double keyScatter = scatterOfMeans(clusters.keys, clusters.keyDim, tokens);
    for (int a = 0; a < total; a++) {
      keyScatter += clusters.tokens[a] * clusters.spread[a];
    }
    double valueScatter =
        within.valueScatter() + scatterOfMeans(clusters.values, clusters.valueDim, tokens);
    double scale = valueScatter > 0 ? Math.sqrt(VALUE_WEIGHT * keyScatter / valueScatter) : 0;
    return (float) Math.min(Float.MAX_VALUE, scale);
  }

  /** The sum over tokens of the square distance of their cluster's mean from the mean of all. */
  private double scatterOfMeans(float[] means, int length, double tokens) {
    double[] mean = new double[length];
    Kernels.addWeightedRows(clusters.tokens, means, total, length, mean);
    for (int i = 0; i < length; i++) {
      mean[i] /= tokens;
    }
    // One sum for each coordinate, which do not wait for each other.
    double[] squares = new double[length];
    for (int a = 0, e = 0; a < total; a++) {
      double count = clusters.tokens[a];
      for (int i = 0; i < length; i++, e++) {
        double x = means[e] - mean[i];
        squares[i] += count * x * x;
      }
    }
    double scatter = 0;
    for (double square : squares) {
      scatter += square;
    }
    return scatter;
  }

  /**
   * Unites clusters until there are no more than {@code target}.
   *
   * @param old how many of them, from the first on, were there before
   * @param turn picks the old ones that are tried: the number of tokens so far
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
    weigh(a);
    place(a);
    // So far away that no one comes near.
    columns[b] = Float.POSITIVE_INFINITY;
  }

  /** Sets what factors of unions with a cluster are worked out from. */
  private void weigh(int a) {
    sizes[a] = (float) (clusters.tokens[a] + prior);
    mixing[a] = clusters.isPure(a) ? (float) (clusters.tokens[a] - 1) : 0;
  }

  /** Sets the point of a cluster. */
  private void place(int a) {
    for (int i = 0; i < clusters.keyDim; i++) {
      columns[i * stride + a] = clusters.keys[a * clusters.keyDim + i];
    }
    for (int c = 0; c < clusters.valueDim; c++) {
      columns[(clusters.keyDim + c) * stride + a] =
          scaled(clusters.values[a * clusters.valueDim + c]);
    }
  }

  /** Sets the points of all clusters, coordinate by coordinate. */
  private void placeAll() {
    for (int i = 0; i < dim; i++) {
      int column = i * stride;
      if (i < clusters.keyDim) {
        for (int a = 0; a < total; a++) {
          columns[column + a] = clusters.keys[a * clusters.keyDim + i];
        }
      } else {
        int c = i - clusters.keyDim;
        for (int a = 0; a < total; a++) {
          columns[column + a] = scaled(clusters.values[a * clusters.valueDim + c]);
        }
      }
      Arrays.fill(columns, column + total, column + stride, 0f);
    }
  }

  /** Finite, so that no difference is none. */
  private float scaled(float value) {
    return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, valueScale * value));
  }

  private double cost(int a, int b) {
    double squares = 0;
    for (int i = 0, column = 0; i < dim; i++, column += stride) {
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
      int measured = Math.min((points + POINTS - 1) / POINTS * POINTS, stride - a);
      Kernels.squareDistances(columns, stride, dim, a, points == 1 ? 1 : measured, distances);
      for (int p = 0; p < points; p++) {
        offerNearest(a + p, p * stride);
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
    setFactors(sizes, mixing, sizes[a], mixing[a], total, costs);
    for (int b = 0; b < total; b++) {
      costs[b] *= distances[row + b];
    }
    int nearest = Kernels.indexOfLeast(costs, total);
    if (costs[nearest] == Float.POSITIVE_INFINITY) {
      // Squares beyond the largest float: then any partner is as good.
      nearest = firstPartner(a);
    }
    double cost = distances[row + nearest] * factor(a, nearest);
    queue.add(new Pair(cost, a, nearest, version[a], version[nearest]));
  }

  // Of one index alone, so that it is compiled to vectors.
  private static void setFactors(
      float[] sizes, float[] mixing, float size, float mixed, int total, float[] costs) {
    for (int b = 0; b < total; b++) {
      costs[b] = size * sizes[b] / (size + sizes[b]) + mixed + mixing[b];
    }
  }

  private int firstPartner(int a) {
    int b = 0;
    while (b == a || clusters.tokens[b] <= 0) {
      b++;
    }
    return b;
  }
}
