// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The compute kernels of folds and queries: their inner loops. All matrices are dense and
 * row-major.
 *
 * <p>The kernels use vector instructions if Java was started with {@code --add-modules
 * jdk.incubator.vector}, and plain loops otherwise. The choice is made once, when this class is
 * loaded. Both agree up to rounding: a float sum of n terms is accurate to n units of 2^-24 of the
 * sum of their magnitudes. Each gives the same bits in every run on machines with the same number
 * of vector lanes.
 *
 * <p>Safe for use by several threads.
 */
public final class Kernels {

  /** Number of points in a panel; see {@link #squareDistances}. */
  public static final int PANEL = 32;

  private static final String MODULE = "jdk.incubator.vector";

  private static final KernelProvider PROVIDER = choose();

  private Kernels() {}

  private static KernelProvider choose() {
    Logger log = System.getLogger(Kernels.class.getName());
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      log.log(
          Level.WARNING,
          "Folds and queries run as plain loops, which are several times slower than vector instructions. Start Java with --add-modules {0}.",
          MODULE);
      return new ScalarKernels();
    }
    KernelProvider provider = vectors();
    log.log(Level.DEBUG, "Folds and queries run as {0}.", provider.name());
    return provider;
  }

  /** Loads the vector kernels by name, because their module may be missing. */
  private static KernelProvider vectors() {
    try {
      return Class.forName(Kernels.class.getPackageName() + ".VectorKernels")
          .asSubclass(KernelProvider.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("The vector kernels are missing from this build.", e);
    }
  }

  /** Returns the name of the implementation in use, for logs and tables. */
  public static String name() {
    return PROVIDER.name();
  }

  /**
   * Computes the logits of one query for a block of keys, {@code out[j] = scale * (q . k_j)}, in
   * double precision. Their errors are about 1e-15 of the sum of the magnitudes of their terms.
   *
   * @param query array that contains the query vector
   * @param queryOffset index of its first coordinate
   * @param scale scale of the logits
   * @param keys keys, count x dim
   * @param count number of keys
   * @param dim length of a key
   * @param out receives {@code count} logits
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
   * Replaces x by the solution y of {@code L y = x}.
   *
   * @param lower the lower triangle L, row by row, at least n (n + 1) / 2 numbers
   * @param n number of rows
   * @param x at least n numbers
   */
  public static void solveLower(double[] lower, int n, double[] x) {
    PROVIDER.solveLower(lower, n, x);
  }

  /**
   * Returns the largest of the first numbers.
   *
   * @param x numbers
   * @param count how many of them to compare
   * @return the largest; negative infinity if {@code count} is 0
   */
  public static double max(double[] x, int count) {
    return PROVIDER.max(x, count);
  }

  /**
   * Computes {@code x[j] = exp(x[j] - shift)} to two units in the last place. Results below
   * exp(-708) become 0.
   *
   * @param x numbers, replaced by the results
   * @param count how many of them to replace
   * @param shift subtracted from each number
   */
  public static void expMinus(double[] x, int count, double shift) {
    PROVIDER.expMinus(x, count, shift);
  }

  /**
   * Computes {@code x[j] = exp(x[j])} to a relative error of 1e-6. Results below exp(-87) become 0.
   *
   * @param x numbers, at most 0, replaced by the results
   * @param count how many of them to replace
   */
  public static void expOfNegative(float[] x, int count) {
    PROVIDER.expOfNegative(x, count);
  }

  /**
   * Computes {@code sum += weights' rows}.
   *
   * @param weights count numbers
   * @param rows count x dim
   * @param count number of rows
   * @param dim length of a row
   * @param sum dim numbers
   */
  public static void addWeightedRows(
      double[] weights, float[] rows, int count, int dim, double[] sum) {
    PROVIDER.addWeightedRows(weights, rows, count, dim, sum);
  }

  /**
   * Computes {@code sum += left' right}, the fold of a block. Each entry is first summed over the
   * block and then added to the running sum once, so rounding errors grow with the number of blocks
   * and not of tokens.
   *
   * @param left count x leftDim
   * @param leftDim columns of left
   * @param right count x rightDim
   * @param rightDim columns of right
   * @param count number of rows
   * @param sum leftDim x rightDim
   */
  public static void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum) {
    PROVIDER.addTransposedProduct(left, leftDim, right, rightDim, count, sum);
  }

  /**
   * Computes {@code sum += left right}.
   *
   * @param left count x innerDim
   * @param count rows of left
   * @param innerDim columns of left, rows of right
   * @param right innerDim x rightDim
   * @param rightDim columns of right
   * @param sum count x rightDim
   */
  public static void addProduct(
      float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum) {
    PROVIDER.addProduct(left, count, innerDim, right, rightDim, sum);
  }

  /**
   * Computes ln of the mass of tokens about centres: {@code out_jc = logCounts_c + w (a - w / 2)}
   * with {@code a = deviations_j spreads_c} and {@code w = min(a, reaches_c)}. All implementations
   * give the same bits.
   *
   * @param deviations rows numbers, at least 0
   * @param rows number of rows
   * @param logCounts columns numbers
   * @param spreads columns numbers, at least 0
   * @param reaches columns numbers, at least 0
   * @param out receives rows x columns numbers
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
   * Computes weighted means of shares, each cut off at its end: {@code out_j = sum_c weights_jc
   * shares_c min(1, ends_c / deviations_j)}.
   *
   * @param weights rows x columns
   * @param rows number of rows
   * @param shares columns numbers, finite
   * @param ends columns numbers, above 0
   * @param deviations rows numbers, at least 0
   * @param out receives one number per row
   */
  public static void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out) {
    PROVIDER.cutMeans(weights, rows, shares, ends, deviations, out);
  }

  /**
   * Replaces each row of logits by weights that sum to 1, and computes ln of the sum of their
   * exponentials. NaN counts as 0, and an infinity as the largest float of its sign.
   *
   * @param logits rows x columns, replaced by the weights
   * @param rows number of rows
   * @param columns number of columns
   * @param logSums receives rows numbers; negative infinity if there are no columns
   */
  public static void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    PROVIDER.softmaxRows(logits, rows, columns, logSums);
  }

  /**
   * Computes the variogram of the Matern kernel of smoothness 5/2 (Rasmussen and Williams, Gaussian
   * Processes for Machine Learning, 2006, section 4.2.1), {@code 1 - (1 + r + r^2 / 3) exp(-r)}
   * with {@code r = sqrt(5 x) / length}: 0 for x at or below 0, 1 at infinity. The relative error
   * is 1e-6 also for small results, for which the kernel itself, a float close to 1, would be too
   * coarse.
   *
   * @param squareDistances square distances x, replaced by the variogram
   * @param count how many of them to replace
   * @param length length scale, in units of the distances, above 0
   */
  public static void maternVariogram(float[] squareDistances, int count, double length) {
    PROVIDER.maternVariogram(squareDistances, count, length);
  }

  /**
   * Computes exact attention of queries over a block of tokens: {@code y_q = sum_j p_qj v_j} with
   * p_q = softmax(q.k_j + bias_j), and ln of the sum of exponentials. It computes in float, for
   * results that are rounded more coarsely afterwards. NaN and infinite logits are treated as in
   * {@link #softmaxRows}.
   *
   * <p>The computation is fused: it holds the weights of a few queries for a few hundred tokens at
   * a time, relative to the largest logit so far (online softmax; Milakov and Gimelshein, arXiv
   * 1805.02867).
   *
   * @param queries count x dim
   * @param count number of queries
   * @param dim length of a query and of a key
   * @param keys tokens x dim
   * @param biases tokens numbers that are added to the logits; empty if there are none
   * @param values tokens x valueDim
   * @param tokens number of tokens
   * @param valueDim length of a value
   * @param outputs receives y, count x valueDim; zeros if there are no tokens
   * @param logSums receives count numbers; negative infinity if there are no tokens
   */
  public static void attend(
      float[] queries,
      int count,
      int dim,
      float[] keys,
      float[] biases,
      float[] values,
      int tokens,
      int valueDim,
      float[] outputs,
      float[] logSums) {
    PROVIDER.attend(queries, count, dim, keys, biases, values, tokens, valueDim, outputs, logSums);
  }

  /**
   * Computes {@code row = keep row + take other} for rows of 16-bit numbers. Each row is in units
   * of a power of two that follows its largest number. The result is rounded at random to whole
   * units (stochastic rounding; Croci et al., Royal Society Open Science 9, 2022), with a mean
   * error of at most 2^-23 units. All implementations give the same bits.
   *
   * @param rows count x dim, replaced by the results
   * @param exponents count exponents of the units, replaced by those of the results
   * @param keeps count factors of the rows
   * @param others count x dim
   * @param takes count factors of the other rows, 1 less what is kept; a row with factor 0 is not
   *     changed
   * @param seeds count seeds, different in every call
   * @param count number of rows
   * @param dim length of a row
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
   * Rounds a row to the nearest numbers that 16 bits per number can hold: whole multiples, up to 32
   * 767, of the smallest power of two, from 2^-126, that suffices for the largest number of the
   * row. Equal rows stay equal. All implementations give the same bits.
   *
   * @param row array that contains the row, which is replaced by the result
   * @param at index of its first number
   * @param dim length of the row
   */
  public static void roundRow(float[] row, int at, int dim) {
    PROVIDER.roundRow(row, at, dim);
  }

  /**
   * Computes {@code row = (1 - share) row + share other}, where the row has 16 bits per number
   * before and after, as in {@link #roundRow}. The result is rounded at random, with a mean error
   * of at most 2^-7 units, and of at most 2^-23 units for a small share. Equal numbers do not
   * change. All implementations give the same bits.
   *
   * @param row array that contains the row, which is replaced by the result
   * @param at index of its first number
   * @param other array that contains the other row
   * @param from index of its first number
   * @param dim length of both rows
   * @param share share of the other row, 0 to 1
   * @param seed seed, different in every call
   */
  public static void mixRow(
      float[] row, int at, float[] other, int from, int dim, double share, int seed) {
    PROVIDER.mixRow(row, at, other, from, dim, 1, (float) share, seed);
  }

  /**
   * Computes {@code row += other}, rounded as in {@link #mixRow}. Sums beyond the largest float
   * become the largest float. A NaN, such as the difference of two infinities, leaves the number
   * unchanged.
   *
   * @param row array that contains the row, which is replaced by the result
   * @param at index of its first number
   * @param other array that contains the other row
   * @param from index of its first number
   * @param dim length of both rows
   * @param seed seed, different in every call
   */
  public static void addToRow(float[] row, int at, float[] other, int from, int dim, int seed) {
    PROVIDER.mixRow(row, at, other, from, dim, 0, 1, seed);
  }

  /**
   * Computes {@code sum_c += sum_j weights_j (rows_jc - centre_c)^2}.
   *
   * @param weights count numbers
   * @param rows count x dim
   * @param count number of rows
   * @param dim length of a row
   * @param centre dim numbers
   * @param sum dim numbers
   */
  public static void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum) {
    PROVIDER.addWeightedSquares(weights, rows, count, dim, centre, sum);
  }

  /**
   * Returns the index of the first coordinate of a point in panels. The next coordinates follow at
   * intervals of {@link #PANEL}.
   *
   * @param point number of the point, from 0
   * @param dim coordinates of a point
   */
  public static int panelAt(int point, int dim) {
    return point / PANEL * PANEL * dim + point % PANEL;
  }

  /**
   * Computes the square distances between some consecutive points and all points.
   *
   * @param panels all points in panels of {@value #PANEL}: the first coordinates of the points of a
   *     panel, then their second ones, and so on
   * @param count number of all points, a multiple of {@value #PANEL}
   * @param dim coordinates of a point
   * @param first number of the first of the consecutive points
   * @param points number of consecutive points
   * @param out receives points x count square distances
   */
  public static void squareDistances(
      float[] panels, int count, int dim, int first, int points, float[] out) {
    PROVIDER.squareDistances(panels, count, dim, first, points, out);
  }

  /**
   * Returns the index of the smallest of the first numbers, and of equal ones the first.
   *
   * @param x numbers, at least 0, without NaN
   * @param count how many of them to compare, at least 1
   */
  public static int indexOfLeast(float[] x, int count) {
    return PROVIDER.indexOfLeast(x, count);
  }

  /**
   * Returns the index b of the smallest cost {@code distances_b (size sizes_b / (size + sizes_b) +
   * extra + extras_b)}, and of equal ones the first. Returns 0 if all costs are infinite.
   *
   * @param distances array that contains {@code count} distances, at least 0, without NaN
   * @param at index of the first distance
   * @param sizes count numbers, above 0
   * @param extras count numbers, at least 0
   * @param count number of costs to compare
   * @param size size, above 0
   * @param extra extra, at least 0
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
