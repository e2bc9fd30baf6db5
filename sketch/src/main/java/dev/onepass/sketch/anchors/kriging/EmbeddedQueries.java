package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.simd.Floats;

/**
 * Holds queries as they lie in {@link QuerySpace}, up to a capacity; placing others replaces them.
 */
public final class EmbeddedQueries {

  /**
   * Queries that are placed at once where they are many: a multiple of the rows that products take
   * at once, so that each comes out as if all were placed at once.
   */
  private static final int AT_ONCE = 240;

  private final QuerySpace space;
  private final float[] queries;
  private final float[] scratch;
  private final float[] x;
  private final float[] attention;
  private final float[] logNormalizers;
  private int count;

  /** Room for so many. */
  public EmbeddedQueries(QuerySpace space, int capacity) {
    this(space, capacity, capacity);
  }

  /**
   * @param placedAtOnce at most capacity
   */
  private EmbeddedQueries(QuerySpace space, int capacity, int embeddedAtOnce) {
    this.space = space;
    queries = new float[capacity * space.keyDim()];
    scratch = new float[embeddedAtOnce * space.keyDim()];
    x = new float[capacity * space.dim()];
    attention = new float[capacity * space.centreCount()];
    logNormalizers = new float[capacity];
  }

  /**
   * Places the first {@code count} rows of an n x d matrix.
   *
   * @throws InterruptedWorkException if the thread is interrupted
   */
  public static EmbeddedQueries of(QuerySpace space, float[] queries, int count, double scale) {
    QueryBlock block = new QueryBlock(queries, count, space.keyDim(), scale);
    if (count <= AT_ONCE) {
      EmbeddedQueries embedded = new EmbeddedQueries(space, count);
      embedded.embed(block, 0, count);
      return embedded;
    }
    EmbeddedQueries all = new EmbeddedQueries(space, count, 0);
    all.count = count;
    EmbeddedQueries some = new EmbeddedQueries(space, AT_ONCE);
    for (int first = 0; first < count; first += AT_ONCE) {
      InterruptedWorkException.check();
      some.embed(block, first, Math.min(AT_ONCE, count - first));
      some.copyTo(all, first);
    }
    return all;
  }

  private void copyTo(EmbeddedQueries all, int first) {
    copy(queries, all.queries, first, space.keyDim());
    copy(x, all.x, first, space.dim());
    copy(attention, all.attention, first, space.centreCount());
    copy(logNormalizers, all.logNormalizers, first, 1);
  }

  private void copy(float[] from, float[] to, int first, int columns) {
    System.arraycopy(from, 0, to, first * columns, count * columns);
  }

  /**
   * Places queries in the stead of those placed before.
   *
   * @param first number of the first of them
   * @param count how many, no more than there is room for
   */
  public void embed(QueryBlock block, int first, int count) {
    this.count = count;
    block.copyScaled(first, count, queries);
    space.embed(queries, count, scratch, x, attention, logNormalizers);
  }

  /** The rows with these numbers. */
  EmbeddedQueries only(int[] numbers) {
    return of(space, Draws.rows(queries, space.keyDim(), numbers), numbers.length, 1);
  }

  QuerySpace space() {
    return space;
  }

  public int count() {
    return count;
  }

  /** Coordinates, count x dim; not a copy. */
  public float[] x() {
    return x;
  }

  /** Attention to the centres, count x centres; not a copy. */
  public float[] attention() {
    return attention;
  }

  /** Log-normalizer of query i over the centres. */
  public float logNormalizer(int i) {
    return logNormalizers[i];
  }

  /** Kernel between row i of this and row j of the other, without the nugget. */
  public double covariance(Kernel kernel, int i, EmbeddedQueries other, int j) {
    double value = kernel.matern(squareDistance(i, other, j));
    return kernel.overlap() == 0 ? value : value + kernel.overlap() * overlap(i, other, j);
  }

  float squareNorm(int i) {
    return (float) Floats.squareSum(x, i * space.dim(), space.dim());
  }

  public double squareDistance(int i, EmbeddedQueries other, int j) {
    int e = space.dim();
    double sum = 0;
    for (int c = 0, a = i * e, b = j * e; c < e; c++, a++, b++) {
      double difference = (double) x[a] - other.x[b];
      sum += difference * difference;
    }
    return sum;
  }

  public double overlap(int i, EmbeddedQueries other, int j) {
    double[] weights = space.overlapWeights();
    int m = weights.length;
    double sum = 0;
    for (int c = 0, a = i * m, b = j * m; c < m; c++, a++, b++) {
      sum += weights[c] * attention[a] * other.attention[b];
    }
    return sum;
  }

  /** The attention of row i, each centre's times its weight in overlaps. */
  float[] weightedAttention(int i) {
    double[] weights = space.overlapWeights();
    float[] weighted = new float[weights.length];
    for (int c = 0, a = i * weights.length; c < weights.length; c++, a++) {
      weighted[c] = (float) (weights[c] * attention[a]);
    }
    return weighted;
  }

  /** Whether all of them are numbers. */
  public boolean areFinite() {
    return areFinite(x) && areFinite(attention) && areFinite(logNormalizers);
  }

  private static boolean areFinite(float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        return false;
      }
    }
    return true;
  }

  public long bytes() {
    return bytes(logNormalizers.length, space.keyDim(), space.dim(), space.centreCount());
  }

  /** Bytes that so many places take in memory. */
  public static long bytes(long count, int keyDim, int dim, int centres) {
    return Float.BYTES * (count * (keyDim + (long) dim + centres + 1));
  }
}
