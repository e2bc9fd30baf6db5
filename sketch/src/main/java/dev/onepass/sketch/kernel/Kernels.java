package dev.onepass.sketch.kernel;

/** The inner loops of folds and queries. All matrices are row-major and dense. */
public final class Kernels {

  private static final KernelProvider PROVIDER = new ScalarKernels();

  private Kernels() {}

  /**
   * Logits of one query against a block of keys: {@code out[j] = scale * (q . k_j)}, in double
   * precision, so that logits of any size that floats can make stay exact to 1e-15 relative.
   *
   * @param query array that holds the query from {@code queryOffset} on
   * @param keys count x dim
   * @param out at least count
   */
  public static void logits(
      float[] query,
      int queryOffset,
      double scale,
      float[] keys,
      int count,
      int dim,
      double[] out) {
    PROVIDER.logits(query, queryOffset, scale, keys, count, dim, out);
  }

  /** The largest of the first {@code count} numbers; negative infinity if there is none. */
  public static double max(double[] x, int count) {
    return PROVIDER.max(x, count);
  }

  /** {@code x[j] = exp(x[j] - shift)} for the first {@code count} numbers. */
  public static void expMinus(double[] x, int count, double shift) {
    PROVIDER.expMinus(x, count, shift);
  }

  /**
   * {@code sum += weights' rows}.
   *
   * @param weights count
   * @param rows count x dim
   * @param sum dim
   */
  public static void addWeightedRows(
      double[] weights, float[] rows, int count, int dim, double[] sum) {
    PROVIDER.addWeightedRows(weights, rows, count, dim, sum);
  }

  /**
   * {@code sum += left' right}, the fold of a block: each entry is summed over the block first and
   * added to the running sum once, so rounding grows with the number of blocks, not of tokens.
   *
   * @param left count x leftDim
   * @param right count x rightDim
   * @param sum leftDim x rightDim
   */
  public static void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum) {
    PROVIDER.addTransposedProduct(left, leftDim, right, rightDim, count, sum);
  }
}
