package dev.onepass.sketch.blocks;

import dev.onepass.sketch.simd.Floats;

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

  /**
   * Copies vectors times the scale: their products with keys are logits. What would be beyond
   * floats becomes the largest of them.
   *
   * @param first number of the first of them
   * @param some how many
   * @param out receives some x dim numbers
   */
  public void copyScaled(int first, int some, float[] out) {
    int from = first * dim;
    if (scale == 1) {
      System.arraycopy(vectors, from, out, 0, some * dim);
      return;
    }
    for (int i = 0; i < some * dim; i++) {
      out[i] = Floats.within((float) (vectors[from + i] * scale), Float.MAX_VALUE);
    }
  }
}
