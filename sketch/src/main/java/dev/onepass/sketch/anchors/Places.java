package dev.onepass.sketch.anchors;

/**
 * Queries in {@link QuerySpace}, placed once.
 *
 * @param x count x dim coordinates
 * @param features count x centres
 * @param logNormalizers over the centres, count
 */
record Places(QuerySpace space, int count, float[] x, float[] features, double[] logNormalizers) {

  /** Places the first {@code count} rows of an n x d matrix. */
  static Places of(QuerySpace space, float[] queries, int count, double scale) {
    int d = space.keyDim();
    int e = space.dim();
    int m = space.centreCount();
    float[] x = new float[count * e];
    float[] features = new float[count * m];
    double[] logNormalizers = new double[count];
    for (int q = 0; q < count; q++) {
      logNormalizers[q] = space.place(queries, q * d, scale, x, q * e, features, q * m);
    }
    return new Places(space, count, x, features, logNormalizers);
  }

  /** Kernel between row i of this and row j of the other, without the nugget. */
  double covariance(Kernel kernel, int i, Places other, int j) {
    double value = kernel.matern(squareDistance(i, other, j));
    return kernel.overlap() == 0 ? value : value + kernel.overlap() * overlap(i, other, j);
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
    int m = space.centreCount();
    double sum = 0;
    for (int c = 0, a = i * m, b = j * m; c < m; c++, a++, b++) {
      sum += (double) features[a] * other.features[b];
    }
    return sum;
  }

  long bytes() {
    return Float.BYTES * ((long) x.length + features.length)
        + (long) Double.BYTES * logNormalizers.length;
  }
}
