package dev.onepass.sketch.simd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The inner loops of folds and queries. All matrices are row-major and dense.
 *
 * <p>Where Java was started with {@code --add-modules jdk.incubator.vector} they run on vectors,
 * otherwise as plain loops: that is decided once, when this class is loaded. The two agree up to
 * rounding, a float sum of n terms to n units of 2^-24 of their summed magnitudes; each of them
 * gives the same bits in every run on machines of the same number of lanes.
 */
public final class Kernels {

  /** Points whose coordinates stand together; see {@link #squareDistances}. */
  public static final int PANEL = 32;

  private static final String MODULE = "jdk.incubator.vector";

  private static final KernelProvider PROVIDER = choose();

  private Kernels() {}

  private static KernelProvider choose() {
    Logger log = System.getLogger(Kernels.class.getName());
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      log.log(
          Level.WARNING,
          "folds and queries run as plain loops, several times slower than they could: start Java with --add-modules "
              + MODULE);
      return new ScalarKernels();
    }
    KernelProvider provider = vectors();
    log.log(Level.DEBUG, "folds and queries run as {0}", provider.name());
    return provider;
  }

  /** By name, so that nothing of the module is asked for where it is not. */
  private static KernelProvider vectors() {
    try {
      return (KernelProvider)
          Class.forName(Kernels.class.getPackageName() + ".VectorKernels")
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the vector kernels are not in this build", e);
    }
  }

  /** What does the work, for a log or a table of measurements. */
  public static String name() {
    return PROVIDER.name();
  }

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

  /**
   * Replaces x by the solution of {@code L y = x}.
   *
   * @param lower the lower triangle L, row by row, n (n + 1) / 2 numbers or more
   * @param x n numbers or more
   */
  public static void solveLower(double[] lower, int n, double[] x) {
    PROVIDER.solveLower(lower, n, x);
  }

  /** The largest of the first {@code count} numbers; negative infinity if there is none. */
  public static double max(double[] x, int count) {
    return PROVIDER.max(x, count);
  }

  /**
   * {@code x[j] = exp(x[j] - shift)} for the first {@code count} numbers, to two units in the last
   * place; 0 below exp(-708).
   */
  public static void expMinus(double[] x, int count, double shift) {
    PROVIDER.expMinus(x, count, shift);
  }

  /**
   * {@code x[j] = exp(x[j])} for the first {@code count} numbers, to 1e-6 relative; 0 below
   * exp(-87).
   *
   * @param x none above 0
   */
  public static void expOfNegative(float[] x, int count) {
    PROVIDER.expOfNegative(x, count);
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
   * ln of the mass of some tokens about centres: {@code out_jc = logCounts_c + w (a - w / 2)} with
   * {@code a = deviations_j spreads_c} and {@code w = min(a, reaches_c)}. All providers give the
   * same bits.
   *
   * @param deviations rows, not below 0
   * @param logCounts columns
   * @param spreads columns, not below 0
   * @param reaches columns, not below 0
   * @param out receives rows x columns
   */
  public static void logMasses(
      float[] deviations,
      int rows,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      float[] out) {
    PROVIDER.logMasses(deviations, rows, logCounts, spreads, reaches, out);
  }

  /**
   * Means of shares that are cut where they end: {@code out_j = sum_c weights_jc shares_c min(1,
   * ends_c / deviations_j)}.
   *
   * @param weights rows x columns
   * @param shares columns, finite
   * @param ends columns, above 0
   * @param deviations rows, not below 0
   * @param out receives one a row
   */
  public static void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out) {
    PROVIDER.cutMeans(weights, rows, shares, ends, deviations, out);
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

  /**
   * Exact attention of queries over a block of tokens: {@code y_q = sum_j p_qj v_j} with p_q =
   * softmax(q.k_j), and ln of the sum of exponentials. In float, for sums that are rounded to less
   * anyway; logits that are no finite numbers are taken as in {@link #softmaxRows}.
   *
   * <p>Fused: weights of a few queries and a few hundred tokens are there at one time, relative to
   * the largest logit so far.
   *
   * @param queries count x dim
   * @param keys tokens x dim
   * @param values tokens x valueDim
   * @param outputs y, count x valueDim; zeros where there are no tokens
   * @param logSums count; negative infinity where there are no tokens
   */
  public static void attend(
      float[] queries,
      int count,
      int dim,
      float[] keys,
      float[] values,
      int tokens,
      int valueDim,
      float[] outputs,
      float[] logSums) {
    PROVIDER.attend(queries, count, dim, keys, values, tokens, valueDim, outputs, logSums);
  }

  /**
   * {@code row = keep row + take other} for rows of 16-bit numbers, each row in units of a power of
   * two of its own, which follows its largest number. Rounded at random to whole units, right on
   * average to 2^-23 of one; all providers give the same bits.
   *
   * @param rows count x dim
   * @param exponents count, of the units
   * @param keeps count
   * @param others count x dim
   * @param takes count, 1 less what is kept; a row of which 0 is taken stays as it is
   * @param seeds count; no other call has the same
   */
  public static void mixRows(
      short[] rows,
      byte[] exponents,
      float[] keeps,
      float[] others,
      float[] takes,
      int[] seeds,
      int count,
      int dim) {
    PROVIDER.mixRows(rows, exponents, keeps, others, takes, seeds, count, dim);
  }

  /**
   * Rounds a row to the nearest that 16 bits a number hold: whole multiples, up to 32 767, of the
   * least power of two from 2^-126 on that this lets hold the row's largest number. Equal rows stay
   * equal; all providers give the same bits.
   *
   * @param row array that holds {@code dim} numbers from {@code at} on
   */
  public static void roundRow(float[] row, int at, int dim) {
    PROVIDER.roundRow(row, at, dim);
  }

  /**
   * {@code row = (1 - share) row + share other}, of 16 bits a number as in {@link #roundRow} before
   * and after. Rounded at random, right on average to 2^-7 of a unit and, where little is changed,
   * to 2^-23 of it; equal numbers stay as they are. All providers give the same bits.
   *
   * @param row array that holds {@code dim} numbers from {@code at} on
   * @param other array that holds {@code dim} numbers from {@code from} on
   * @param share from 0 to 1
   * @param seed no other call has the same
   */
  public static void mixRow(
      float[] row, int at, float[] other, int from, int dim, double share, int seed) {
    PROVIDER.mixRow(row, at, other, from, dim, 1, (float) share, seed);
  }

  /**
   * {@code row += other}, rounded as in {@link #mixRow}. Sums beyond the largest float are that;
   * what is no number, as the difference of two infinities, is left out.
   */
  public static void addToRow(float[] row, int at, float[] other, int from, int dim, int seed) {
    PROVIDER.mixRow(row, at, other, from, dim, 0, 1, seed);
  }

  /**
   * {@code sum_c += sum_j weights_j (rows_jc - centre_c)^2}.
   *
   * @param weights count
   * @param rows count x dim
   * @param centre dim
   * @param sum dim
   */
  public static void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum) {
    PROVIDER.addWeightedSquares(weights, rows, count, dim, centre, sum);
  }

  /** Where the first coordinate of a point stands in panels; the next ones are a panel apart. */
  public static int panelAt(int point, int dim) {
    return point / PANEL * PANEL * dim + point % PANEL;
  }

  /**
   * Square distances of some neighbouring points from all points.
   *
   * @param panels all points, {@value #PANEL} by {@value #PANEL}: of so many the first coordinates,
   *     then their second ones, and so on
   * @param count how many points there are, a multiple of {@value #PANEL}
   * @param first number of the first of the points
   * @param points how many of them
   * @param out points x count
   */
  public static void squareDistances(
      float[] panels, int count, int dim, int first, int points, float[] out) {
    PROVIDER.squareDistances(panels, count, dim, first, points, out);
  }

  /**
   * Index of the least of the first {@code count} numbers, the first of equal ones.
   *
   * @param x none below 0, every one a number
   * @param count at least 1
   */
  public static int indexOfLeast(float[] x, int count) {
    return PROVIDER.indexOfLeast(x, count);
  }

  /**
   * Index of the least of {@code distances_b (size sizes_b / (size + sizes_b) + extra + extras_b)},
   * the first of equal ones; 0 if all are infinite.
   *
   * @param distances none below 0, every one a number, {@code count} of them from {@code at} on
   * @param sizes count, above 0
   * @param extras count, not below 0
   */
  public static int indexOfLeastCost(
      float[] distances,
      int at,
      float[] sizes,
      float[] extras,
      int count,
      float size,
      float extra) {
    return PROVIDER.indexOfLeastCost(distances, at, sizes, extras, count, size, extra);
  }
}
