package dev.onepass.sketch.cluster;

/**
 * What clusters say of several queries.
 *
 * @param outputs queries x dv, row-major, each coordinate within the range of the values
 * @param logNormalizers ln den, one a query
 */
public record ClusterAnswers(float[] outputs, float[] logNormalizers) {

  /** Room for so many. */
  ClusterAnswers(int queries, int valueDim) {
    this(new float[Math.multiplyExact(queries, valueDim)], new float[queries]);
  }
}
