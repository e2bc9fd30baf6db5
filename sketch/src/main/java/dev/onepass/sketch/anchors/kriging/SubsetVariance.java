package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;

/**
 * The first few anchors, whose variance by the Matern kernel alone stands for that of all: {@code 1
 * - |L^-1 g|^2}, g the kernel of a query with them and L L' that of their own and the nugget. With
 * {@code g = 1 - variograms}, L^-1 g is a product for all queries.
 */
final class SubsetVariance {

  /** No variance is said to be smaller than this. */
  private static final double LEAST_VARIANCE = 1e-6;

  private final int count;

  /** L^-1 1. */
  private final float[] level;

  /** -(L^-1)', count x count. */
  private final float[] ofVariograms;

  /**
   * @param anchors of which the scouts are the first
   */
  SubsetVariance(EmbeddedQueries anchors, Kernel kernel, int count) {
    this.count = count;
    Kernel matern = new Kernel(kernel.length(), 0, kernel.nugget());
    Cholesky factor = matern.factor(anchors, count);
    double[] column = new double[count];
    Arrays.fill(column, 1);
    factor.solveLower(column);
    level = Floats.of(column);
    ofVariograms = new float[count * count];
    for (int s = 0; s < count; s++) {
      Arrays.fill(column, 0);
      column[s] = -1;
      factor.solveLower(column);
      for (int i = 0; i < count; i++) {
        ofVariograms[s * count + i] = (float) column[i];
      }
    }
  }

  /**
   * Roots of the variances that are left of queries' answers.
   *
   * @param variograms queries x stride, those with the scouts in the first columns
   * @param out receives one a query
   */
  void deviations(float[] variograms, int queries, int stride, double[] out) {
    float[] own = new float[queries * count];
    float[] solved = new float[queries * count];
    for (int q = 0; q < queries; q++) {
      System.arraycopy(variograms, q * stride, own, q * count, count);
      System.arraycopy(level, 0, solved, q * count, count);
    }
    Kernels.addProduct(own, queries, count, ofVariograms, count, solved);
    for (int q = 0; q < queries; q++) {
      double left = 1 - Floats.squareSum(solved, q * count, count);
      out[q] = Math.sqrt(left > LEAST_VARIANCE ? left : LEAST_VARIANCE);
    }
  }

  /** Multiplications that one query takes, each with an addition. */
  int multiplyAdds() {
    return count * (count + 1);
  }

  /** Bytes that so many scouts take in memory. */
  static long bytes(long count) {
    return Float.BYTES * count * (count + 1);
  }
}
