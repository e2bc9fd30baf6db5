package dev.onepass.sketch;

/**
 * Query vectors asked together.
 *
 * @param vectors count x dim, row-major, finite
 * @param count number of vectors
 * @param dim length of a vector, the key dimension
 * @param scale what every dot product q.k is multiplied with to give the logit
 */
public record QueryBlock(float[] vectors, int count, int dim, double scale) {

  /**
   * @throws IllegalArgumentException if the array is too short for them
   */
  public QueryBlock {
    if (count < 0 || dim < 1 || vectors.length < (long) count * dim) {
      throw new IllegalArgumentException(
          "%d numbers are no %d vectors of length %d".formatted(vectors.length, count, dim));
    }
  }
}
