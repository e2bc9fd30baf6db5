package dev.onepass.sketch.anchors;

import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.kernel.Floats;

/** Queries in {@link QuerySpace}: up to so many, and others in their stead when they are done. */
final class Places {

  private final QuerySpace space;
  private final float[] queries;
  private final float[] scratch;
  private final float[] x;
  private final float[] attention;
  private final float[] logNormalizers;
  private int count;

  /** Room for so many. */
  Places(QuerySpace space, int capacity) {
    this.space = space;
    queries = new float[capacity * space.keyDim()];
    scratch = new float[capacity * space.keyDim()];
    x = new float[capacity * space.dim()];
    attention = new float[capacity * space.centreCount()];
    logNormalizers = new float[capacity];
  }

  /** Places the first {@code count} rows of an n x d matrix. */
  static Places of(QuerySpace space, float[] queries, int count, double scale) {
    Places places = new Places(space, count);
    places.place(new QueryBlock(queries, count, space.keyDim(), scale), 0, count);
    return places;
  }

  /**
   * Places queries in the stead of those placed before.
   *
   * @param first number of the first of them
   * @param count how many, no more than there is room for
   */
  void place(QueryBlock block, int first, int count) {
    this.count = count;
    block.copyScaled(first, count, queries);
    space.place(queries, count, scratch, x, attention, logNormalizers);
  }

  /** The rows with these numbers. */
  Places only(int[] numbers) {
    return of(space, Draws.rows(queries, space.keyDim(), numbers), numbers.length, 1);
  }

  QuerySpace space() {
    return space;
  }

  int count() {
    return count;
  }

  /** Coordinates, count x dim; not a copy. */
  float[] x() {
    return x;
  }

  /** Attention to the centres, count x centres; not a copy. */
  float[] attention() {
    return attention;
  }

  /** Log-normalizer of query i over the centres. */
  float logNormalizer(int i) {
    return logNormalizers[i];
  }

  /** Kernel between row i of this and row j of the other, without the nugget. */
  double covariance(Kernel kernel, int i, Places other, int j) {
    double value = kernel.matern(squareDistance(i, other, j));
    return kernel.overlap() == 0 ? value : value + kernel.overlap() * overlap(i, other, j);
  }

  float squareNorm(int i) {
    return (float) Floats.squareSum(x, i * space.dim(), space.dim());
  }

  double squareDistance(int i, Places other, int j) {
    int e = space.dim();
    double sum = 0;
    for (int c = 0, a = i * e, b = j * e; c < e; c++, a++, b++) {
      double difference = (double) x[a] - other.x[b];
      sum += difference * difference;
    }
    return sum;
  }

  double overlap(int i, Places other, int j) {
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

  long bytes() {
    return (long) Float.BYTES
        * (queries.length + scratch.length + x.length + attention.length + logNormalizers.length);
  }
}
