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

  /**
   * {@code sum += left right}.
   *
   * @param left count x innerDim
   * @param right innerDim x rightDim
   * @param sum count x rightDim
   */
  public static void addProduct(
      float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum) {
    PROVIDER.addProduct(left, count, innerDim, right, rightDim, sum);
  }

  /**
   * Turns each row of logits into weights that sum to 1, and gives ln of the sum of their
   * exponentials. What is no number counts as 0, an infinity as the largest float of its sign.
   *
   * @param logits rows x columns; overwritten by the weights
   * @param logSums at least rows; negative infinity where there are no columns
   */
  public static void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    PROVIDER.softmaxRows(logits, rows, columns, logSums);
  }

  /**
   * As {@link #softmaxRows}, for each column.
   *
   * @param logits rows x columns; overwritten by the weights
   * @param logSums at least columns; negative infinity where there are no rows
   */
  public static void softmaxColumns(float[] logits, int rows, int columns, float[] logSums) {
    PROVIDER.softmaxColumns(logits, rows, columns, logSums);
  }

  /**
   * What the Matern kernel of smoothness 5/2 lacks to 1, {@code 1 - (1 + r + r^2 / 3) exp(-r)} with
   * {@code r = sqrt(5 x) / length}: 0 at and below 0, 1 far away and at infinity. Right to 1e-6 of
   * itself also where it is small, which the kernel, a float next to 1, cannot be.
   *
   * @param squareDistances square distances x, turned into the variogram in place
   * @param count how many of them
   * @param length in units of the distances, above 0
   */
  public static void maternVariogram(float[] squareDistances, int count, double length) {
    PROVIDER.maternVariogram(squareDistances, count, length);
  }
}
