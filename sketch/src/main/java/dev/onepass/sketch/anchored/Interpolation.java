// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.kriging.AnchorVariogram;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.StatedError;
import dev.onepass.sketch.anchors.kriging.Surroundings;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import java.util.Optional;

/**
 * Interpolates values that are known at the first R anchors of a set over query space. Columns are
 * the coordinates of an output and, last, a log-normalizer, each without the part that is expected
 * anyway.
 *
 * <p>Once prepared, queries take a few products of floats, a block at a time: from the query to its
 * attention over M centres and its D coordinates, to its variograms with R anchors, to its columns,
 * and to what surrounds it. {@link #multiplyAdds} counts them.
 */
public final class Interpolation {

  /**
   * Queries in a block. Their data stays in a second-level cache, and products take them in fours
   * or sixes.
   */
  private static final int BLOCK = 60;

  private final AnchorSet set;
  private final int kernel;
  private final int columns;

  /** Kept instead of the factor, which takes too much memory to be held for each sequence. */
  private final AnchorVariogram nearness;

  /** The largest known |number| of each column. */
  private final double[] units;

  /** The known values in those units, in which floats hold numbers of any size. */
  private final float[] inUnits;

  private final StatedError outputError;
  private final StatedError logDenError;
  private Weights weights;
  private long asked;

  /**
   * The factors of queries, in units of the columns.
   *
   * @param constants sums of the anchors' weights, columns
   * @param ofVariograms weights of the anchors times -1, R x columns
   * @param ofAttention M x columns; empty if overlaps have no weight
   */
  private record Weights(float[] constants, float[] ofVariograms, float[] ofAttention) {}

  /**
   * Creates an interpolation. Factors the set for {@code count} anchors unless that was done
   * before, which takes long: see {@link AnchorSet#preparation}.
   *
   * @param set the anchor set
   * @param kernel number of one of the set's kernels
   * @param count number R of anchors
   * @param known count x columns, row-major; not kept
   * @param columns at least 1
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the thread is interrupted in
   *     the meantime
   */
  public Interpolation(AnchorSet set, int kernel, int count, double[] known, int columns) {
    this.set = set;
    this.kernel = kernel;
    this.columns = columns;
    Kriging kriging = set.kriging(kernel, count);
    nearness = kriging.variogram();
    units = largest(known, count, columns);
    inUnits = inUnits(known, count, columns);
    float[] misses = kriging.leaveOneOutErrors(inUnits, columns);
    outputError = statedError(kriging, misses, 0, columns - 1);
    logDenError = statedError(kriging, misses, columns - 1, columns);
  }

  /**
   * Derives the stated error from the anchors that are left out and the distances by which they are
   * missed.
   */
  private StatedError statedError(Kriging kriging, float[] misses, int from, int to) {
    double[] lengths = new double[kriging.leftOutCount()];
    for (int w = 0; w < lengths.length; w++) {
      double square = 0;
      for (int c = from; c < to; c++) {
        double miss = units[c] * misses[w * columns + c];
        square += miss * miss;
      }
      lengths[w] = Math.sqrt(square);
    }
    return new StatedError(kriging.leftOutSurroundings(), lengths);
  }

  /** Returns the largest |number| of each column. */
  private static double[] largest(double[] rows, int count, int columns) {
    double[] largest = new double[columns];
    for (int r = 0, i = 0; r < count; r++) {
      for (int c = 0; c < columns; c++, i++) {
        largest[c] = Math.max(largest[c], Math.abs(rows[i]));
      }
    }
    return largest;
  }

  private float[] inUnits(double[] known, int count, int columns) {
    double[] perUnit = new double[columns];
    for (int c = 0; c < columns; c++) {
      // Division by a unit close to 0 would give infinity.
      perUnit[c] = units[c] >= Double.MIN_NORMAL ? 1 / units[c] : 0;
    }
    float[] numbers = new float[count * columns];
    for (int r = 0, i = 0; r < count; r++) {
      for (int c = 0; c < columns; c++, i++) {
        numbers[i] = (float) (known[i] * perUnit[c]);
      }
    }
    return numbers;
  }

  /** The interpolated values of several queries. */
  public final class Estimates {
    private final double[] values;
    private final float[] guesses;
    private final double[] outputErrors;
    private final double[] logDenErrors;

    private Estimates(int count) {
      values = new double[count * columns];
      guesses = new float[count];
      outputErrors = new double[count];
      logDenErrors = new double[count];
    }

    /**
     * Returns a column of a query, in the scale of the known values.
     *
     * @param query row, from 0
     * @param column number of the column, from 0
     */
    public double column(int query, int column) {
      return values[query * columns + column];
    }

    /**
     * Returns the log-normalizer of a query over the key centres of the set.
     *
     * @param query row, from 0
     */
    public double guess(int query) {
      return guesses[query];
    }

    /**
     * Returns a bound on the error of the output that holds for 90 % of queries; NaN if there are
     * too few anchors to tell.
     *
     * @param query row, from 0
     */
    public double outputError(int query) {
      return outputErrors[query];
    }

    /**
     * Returns a bound on the error of the log-normalizer that holds for 90 % of queries; NaN if
     * there are too few anchors to tell.
     *
     * @param query row, from 0
     */
    public double logDenError(int query) {
      return logDenErrors[query];
    }
  }

  /**
   * Returns the work that must be done before queries can be answered at once; empty if there is
   * none.
   */
  public Optional<Preparation> preparation() {
    return weights != null ? Optional.empty() : set.preparation(kernel, nearness.count());
  }

  /**
   * Estimates the columns of several queries.
   *
   * @param queries vectors of the sequence's key dimension
   * @throws dev.onepass.sketch.background.InterruptedWorkException if the set had to be factored
   *     again and the thread is interrupted in the meantime
   */
  public Estimates at(QueryBlock queries) {
    // Weighting the anchors takes one solution per query. Weighting the queries takes one per
    // column for all anchors; it is worth it from that many queries on, whether they come together
    // or one by one.
    asked += queries.count();
    Kriging kriging = weights == null ? set.kriging(kernel, nearness.count()) : null;
    if (weights == null && asked > columns / 2) {
      weights = weights(kriging);
    }
    Estimates estimates = new Estimates(queries.count());
    int capacity = Math.min(BLOCK, queries.count());
    EmbeddedQueries places = new EmbeddedQueries(set.space(), capacity);
    float[] variograms = new float[capacity * nearness.count()];
    float[] sums = new float[capacity * columns];
    for (int first = 0; first < queries.count(); first += BLOCK) {
      int n = Math.min(BLOCK, queries.count() - first);
      places.embed(queries, first, n);
      nearness.variograms(places, variograms);
      Surroundings surroundings = nearness.surroundings(places, variograms);
      for (int q = 0; q < n; q++) {
        estimates.guesses[first + q] = places.logNormalizer(q);
        estimates.outputErrors[first + q] = outputError.at(surroundings, q);
        estimates.logDenErrors[first + q] = logDenError.at(surroundings, q);
      }
      if (weights == null) {
        for (int q = 0; q < n; q++) {
          solve(kriging, places, variograms, q, estimates.values, (first + q) * columns);
        }
      } else {
        multiply(places, variograms, sums, estimates.values, first * columns);
      }
    }
    return estimates;
  }

  private Weights weights(Kriging kriging) {
    double[] solved = new double[inUnits.length];
    for (int i = 0; i < solved.length; i++) {
      solved[i] = inUnits[i];
    }
    kriging.solve(solved, columns);
    double[] constants = new double[columns];
    float[] ofVariograms = new float[solved.length];
    for (int i = 0; i < solved.length; i++) {
      constants[i % columns] += solved[i];
      ofVariograms[i] = (float) -solved[i];
    }
    return new Weights(Floats.of(constants), ofVariograms, ofAttention(solved));
  }

  private float[] ofAttention(double[] solved) {
    double overlap = nearness.kernel().overlap();
    int m = set.space().centreCount();
    double[] sums = new double[overlap == 0 ? 0 : m * columns];
    float[] attention = nearness.anchors().attention();
    for (int c = 0; c < sums.length / columns; c++) {
      double weight = overlap * set.space().overlapWeights()[c];
      for (int r = 0; r < nearness.count(); r++) {
        addRow(weight * attention[r * m + c], solved, r, sums, c * columns);
      }
    }
    return Floats.of(sums);
  }

  private void multiply(
      EmbeddedQueries places, float[] variograms, float[] sums, double[] values, int offset) {
    int n = places.count();
    for (int q = 0; q < n; q++) {
      System.arraycopy(weights.constants, 0, sums, q * columns, columns);
    }
    Kernels.addProduct(variograms, n, nearness.count(), weights.ofVariograms, columns, sums);
    if (weights.ofAttention.length > 0) {
      int m = set.space().centreCount();
      Kernels.addProduct(places.attention(), n, m, weights.ofAttention, columns, sums);
    }
    for (int q = 0, i = 0; q < n; q++) {
      for (int c = 0; c < columns; c++, i++) {
        values[offset + i] = units[c] * Floats.within(sums[i], Float.MAX_VALUE);
      }
    }
  }

  private void solve(
      Kriging kriging,
      EmbeddedQueries places,
      float[] variograms,
      int q,
      double[] values,
      int offset) {
    double[] share = new double[nearness.count()];
    kriging.covariances(places, variograms, q, share);
    kriging.solve(share);
    double[] sums = new double[columns];
    Kernels.addWeightedRows(share, inUnits, share.length, columns, sums);
    for (int c = 0; c < columns; c++) {
      values[offset + c] = units[c] * sums[c];
    }
  }

  private void addRow(double factor, double[] rows, int row, double[] sums, int offset) {
    for (int i = 0, a = row * columns; i < columns; i++, a++) {
      sums[offset + i] += factor * rows[a];
    }
  }

  /**
   * Returns the bytes that only this object holds: the known values, and the weights once they are
   * computed.
   */
  public long heapBytes() {
    long floats = inUnits.length;
    if (weights != null) {
      floats += weights.ofVariograms.length + weights.ofAttention.length;
    }
    return Float.BYTES * floats;
  }

  /**
   * Returns the multiplications with additions that a query takes once the weights are computed. In
   * addition it takes an exponential for each centre and each anchor.
   */
  public int multiplyAdds() {
    int m = nearness.kernel().overlap() == 0 ? 0 : set.space().centreCount();
    return set.space().multiplyAdds()
        + nearness.multiplyAdds()
        + columns * (nearness.count() + m + 1);
  }
}
