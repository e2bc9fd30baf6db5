package dev.onepass.sketch.wide;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;

/**
 * A projection of keys and queries of length d onto m of their coordinates, so that dot products
 * stay about what they were: {@code q.k ~ sum_{i in S} w_i q_i k_i}, where keys and queries each
 * take the square root of the weight w_i.
 *
 * <p>Two choices of S by leverage scores are tried. Sampled: coordinate i is in S with probability
 * pi_i = min(1, c tau_i), c such that m are expected, and w_i = 1 / pi_i; the projected logit then
 * is right on average over samples, for every q and k that vary only where the first keys vary.
 * Systematic sampling takes exactly m. Largest: the m coordinates of largest score with w_i = 1,
 * which is better where the rest hardly matters, or where queries have no direction in common with
 * the keys. The one that keeps more of the logits' variance on tokens it was not learned from is
 * taken.
 *
 * <p>Softmax ignores what all logits have in common, so scores and variances are those of keys
 * around their mean; answers profit from that, but normalizers do not: they are as good as {@link
 * #keptEnergy} says.
 *
 * <p>Bytes, format 1:
 *
 * <pre>
 *   0     1     2        3   4       8       12              20              28
 *   +-----+-----+--------+---+-------+-------+---------------+---------------+------------+------------+
 *   | 'O' | 'W' | format | 0 | d     | m     | kept variance | kept energy   | coordinates| sqrt w     |
 *   |     |     | (1)    |   | (i4)  | (i4)  | (f8)          | (f8)          | (m x i4)   | (m x f4)   |
 *   +-----+-----+--------+---+-------+-------+---------------+---------------+------------+------------+
 *                                                              ascending
 * </pre>
 *
 * <p>Immutable, and safe for use by many threads.
 */
public final class ColumnSample {

  private static final int HEADER_BYTES = 28;
  private static final int FORMAT = 1;

  /** Tokens learned from at most, and as many again to measure on. */
  private static final int MAX_LEARNED = 256;

  /** Queries judged by at most. */
  private static final int MAX_ASKED = 64;

  /** Largest square root of a weight: no sampled coordinate counts as less probable than 1e-6. */
  private static final float MAX_FACTOR = 1000;

  private final int fullDim;
  private final int[] coordinates;
  private final float[] factors;
  private final double keptVariance;
  private final double keptEnergy;

  private ColumnSample(
      int fullDim, int[] coordinates, float[] factors, double keptVariance, double keptEnergy) {
    this.fullDim = fullDim;
    this.coordinates = coordinates;
    this.factors = factors;
    this.keptVariance = keptVariance;
    this.keptEnergy = keptEnergy;
  }

  /**
   * Chooses coordinates for queries of which nothing is known: from the first half of the tokens
   * (at most {@value #MAX_LEARNED}), judged on as many that follow.
   *
   * @param first the first tokens of a sequence; retractions are left out
   * @param columns m, how many coordinates to keep, at least 1
   * @param seed decides the sample, with the tokens
   * @param leastVariance least share of the logits' variance to be content with, 0 to 1
   * @throws IllegalArgumentException with a sentence, where a projection cannot help: m is not
   *     below d, there are fewer than 4 tokens, keys do not vary, or too little is kept
   */
  public static ColumnSample learn(TokenBlock first, int columns, long seed, double leastVariance) {
    int d = first.keyDim();
    return learn(first, new QueryBlock(new float[0], 0, d, 1), columns, seed, leastVariance);
  }

  /**
   * The same, judged by the logits of queries like these.
   *
   * @param asked queries of length d; {@value #MAX_ASKED} of them are used. None: nothing is known
   */
  public static ColumnSample learn(
      TokenBlock first, QueryBlock asked, int columns, long seed, double leastVariance) {
    int d = first.keyDim();
    if (columns < 1 || columns >= d) {
      throw new IllegalArgumentException(
          "keeping %d of %d key coordinates projects nothing; keep fewer, or do without a projection"
              .formatted(columns, d));
    }
    if (asked.dim() != d) {
      throw new IllegalArgumentException(
          "queries of length %d where %d is due".formatted(asked.dim(), d));
    }
    TokenBlock tokens = first.only(true);
    int half = Math.min(MAX_LEARNED, tokens.count() / 2);
    if (half < 2) {
      throw new IllegalArgumentException(
          "%d tokens are too few to choose key coordinates from; at least 4 are needed"
              .formatted(tokens.count()));
    }
    TokenBlock judges = tokens.slice(half, 2 * half);
    double[] scores = LeverageScores.of(tokens.slice(0, half), columns);
    ColumnSample sampled = of(sampled(scores, columns, new Random(seed)), judges, asked);
    ColumnSample largest = of(largest(scores, columns), judges, asked);
    ColumnSample better = sampled.keptVariance > largest.keptVariance ? sampled : largest;
    if (!(better.keptVariance >= leastVariance)) {
      throw new IllegalArgumentException(
          "%d of %d key coordinates keep %.1f %% of the logits' variance, less than the %.1f %% asked for; keep more, or do without a projection"
              .formatted(columns, d, 100 * better.keptVariance, 100 * leastVariance));
    }
    return better;
  }

  /** Weights of all coordinates, 0 for those left out, and what they keep of these tokens. */
  private static ColumnSample of(double[] weights, TokenBlock judges, QueryBlock asked) {
    int[] coordinates = new int[weights.length];
    float[] factors = new float[weights.length];
    int m = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        coordinates[m] = i;
        factors[m++] = (float) Math.sqrt(weights[i]);
      }
    }
    return new ColumnSample(
        weights.length,
        Arrays.copyOf(coordinates, m),
        Arrays.copyOf(factors, m),
        asked.count() == 0
            ? keptVariance(weights, LeverageScores.spread(judges))
            : keptVariance(weights, judges, asked),
        keptEnergy(weights, judges));
  }

  /**
   * For isotropic q, Var_j(q.k_j - sum_i w_i q_i k_ji) is sum_i (1 - w_i)^2 Var_j(k_ji) |q|^2/d.
   */
  private static double keptVariance(double[] weights, double[] spread) {
    double lost = 0;
    double all = 0;
    for (int i = 0; i < weights.length; i++) {
      lost += (1 - weights[i]) * (1 - weights[i]) * spread[i];
      all += spread[i];
    }
    return share(lost, all);
  }

  private static double share(double lost, double all) {
    return all > 0 ? Math.max(0, 1 - lost / all) : 0;
  }

  /** 1 less the variance over tokens of what the projection loses of a logit, over the logit's. */
  private static double keptVariance(double[] weights, TokenBlock judges, QueryBlock asked) {
    int d = weights.length;
    double lost = 0;
    double all = 0;
    double[] whole = new double[judges.count()];
    double[] missing = new double[judges.count()];
    for (int q = 0; q < Math.min(MAX_ASKED, asked.count()); q++) {
      Arrays.fill(whole, 0);
      Arrays.fill(missing, 0);
      for (int j = 0; j < judges.count(); j++) {
        for (int i = 0; i < d; i++) {
          double product = (double) asked.vectors()[q * d + i] * judges.keys()[j * d + i];
          whole[j] += product;
          missing[j] += (1 - weights[i]) * product;
        }
      }
      lost += spread(missing);
      all += spread(whole);
    }
    return share(lost, all);
  }

  private static double spread(double[] x) {
    double mean = Arrays.stream(x).sum() / x.length;
    double spread = 0;
    for (double y : x) {
      spread += (y - mean) * (y - mean);
    }
    return spread;
  }

  private static double keptEnergy(double[] weights, TokenBlock judges) {
    double kept = 0;
    double all = 0;
    for (int e = 0; e < judges.count() * weights.length; e++) {
      double square = (double) judges.keys()[e] * judges.keys()[e];
      all += square;
      kept += weights[e % weights.length] > 0 ? square : 0;
    }
    return all > 0 ? kept / all : 0;
  }

  /** The coordinates in the order of their scores, the largest first; of equals the first first. */
  private static Integer[] byScore(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    return order;
  }

  private static double[] largest(double[] scores, int columns) {
    double[] weights = new double[scores.length];
    Integer[] order = byScore(scores);
    for (int rank = 0; rank < columns; rank++) {
      weights[order[rank]] = 1;
    }
    return weights;
  }

  static double[] sampled(double[] scores, int columns, Random random) {
    double[] weights = largest(scores, columns);
    Integer[] order = byScore(scores);
    // Sums from the end, so that nothing is left where no score is.
    double[] rest = new double[order.length + 1];
    for (int rank = order.length - 1; rank >= 0; rank--) {
      rest[rank] = rest[rank + 1] + scores[order[rank]];
    }
    // The largest are certain, as long as a fair share of the places left would be one or more.
    int certain = 0;
    while (certain < columns && scores[order[certain]] * (columns - certain) >= rest[certain]) {
      certain++;
    }
    if (certain == columns) {
      return weights;
    }
    for (int rank = certain; rank < columns; rank++) {
      weights[order[rank]] = 0;
    }
    for (int last = order.length - 1; last > certain; last--) {
      int other = certain + random.nextInt(last - certain + 1);
      Integer swapped = order[last];
      order[last] = order[other];
      order[other] = swapped;
    }
    // Systematic sampling: whoever's stretch of length pi holds one of the points u, u + 1, ...
    double start = random.nextDouble();
    double end = start;
    for (int rank = certain; rank < order.length; rank++) {
      double probability = scores[order[rank]] * (columns - certain) / rest[certain];
      double next = rank == order.length - 1 ? start + (columns - certain) : end + probability;
      if (Math.floor(next) > Math.floor(end)) {
        weights[order[rank]] = Math.min(MAX_FACTOR * MAX_FACTOR, Math.max(1, 1 / probability));
      }
      end = next;
    }
    return weights;
  }

  /** Length d of the vectors that come in. */
  public int fullDim() {
    return fullDim;
  }

  /** Length m of the vectors that go out. */
  public int columns() {
    return coordinates.length;
  }

  /** The coordinates kept, ascending; a copy. */
  public int[] coordinates() {
    return coordinates.clone();
  }

  /**
   * Share, 0 to 1, of the variance of logits over tokens that projected logits explain, for the
   * queries given or else for queries without a preferred direction; measured on tokens that the
   * coordinates were not chosen from.
   */
  public double keptVariance() {
    return keptVariance;
  }

  /**
   * Share, 0 to 1, of {@code |K|_F^2} in the coordinates kept, measured on the same tokens. What is
   * missing is missing from normalizers, too.
   */
  public double keptEnergy() {
    return keptEnergy;
  }

  /**
   * Tokens with projected keys and the same values and weights.
   *
   * @throws IllegalArgumentException if keys are not of length d
   */
  public TokenBlock project(TokenBlock block) {
    block.requireDims(fullDim, block.valueDim());
    float[] keys = project(block.keys(), block.count());
    TokenBlock projected =
        TokenBlock.of(columns(), block.valueDim(), block.count(), keys, block.values().clone());
    System.arraycopy(block.weights(), 0, projected.weights(), 0, block.count());
    return projected;
  }

  /**
   * Projected queries, with the same scale.
   *
   * @throws IllegalArgumentException if queries are not of length d
   */
  public QueryBlock project(QueryBlock queries) {
    if (queries.dim() != fullDim) {
      throw new IllegalArgumentException(
          "queries of length %d where %d is due".formatted(queries.dim(), fullDim));
    }
    float[] vectors = project(queries.vectors(), queries.count());
    return new QueryBlock(vectors, queries.count(), columns(), queries.scale());
  }

  private float[] project(float[] rows, int count) {
    int m = coordinates.length;
    float[] projected = new float[Math.multiplyExact(count, m)];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < m; i++) {
        float x = factors[i] * rows[j * fullDim + coordinates[i]];
        projected[j * m + i] = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
      }
    }
    return projected;
  }

  /** Exact length of {@link #toByteArray()}: 28 + 8 m. */
  public int stateBytes() {
    return HEADER_BYTES + 8 * coordinates.length;
  }

  /** The projection, little-endian. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    out.putByte('O');
    out.putByte('W');
    out.putByte(FORMAT);
    out.putByte(0);
    out.putInt(fullDim);
    out.putInt(coordinates.length);
    out.putDouble(keptVariance);
    out.putDouble(keptEnergy);
    for (int coordinate : coordinates) {
      out.putInt(coordinate);
    }
    out.putFloats(factors, factors.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray} wrote.
   *
   * @throws CorruptSketchException if the bytes are no projection; memory stays bounded by a small
   *     multiple of {@code bytes.length}
   */
  public static ColumnSample heapify(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.getByte() != 'O' || in.getByte() != 'W' || in.getByte() != FORMAT || in.getByte() != 0) {
      throw new CorruptSketchException("the bytes are no column sample of format " + FORMAT);
    }
    int fullDim = in.getInt("key dim", 2, Preamble.MAX_DIM);
    int columns = in.getInt("columns", 1, fullDim - 1);
    double keptVariance = share(in);
    double keptEnergy = share(in);
    in.require(8L * columns);
    int[] coordinates = new int[columns];
    for (int i = 0; i < columns; i++) {
      coordinates[i] = in.getInt("coordinate", i == 0 ? 0 : coordinates[i - 1] + 1, fullDim - 1);
    }
    float[] factors = in.getFloats(columns);
    for (float factor : factors) {
      if (!(factor >= 1 && factor <= MAX_FACTOR)) {
        throw new CorruptSketchException("a factor is " + factor);
      }
    }
    in.expectEnd();
    return new ColumnSample(fullDim, coordinates, factors, keptVariance, keptEnergy);
  }

  private static double share(WireReader in) {
    double share = in.getDouble();
    if (!(share >= 0 && share <= 1)) {
      throw new CorruptSketchException("a share is " + share);
    }
    return share;
  }
}
