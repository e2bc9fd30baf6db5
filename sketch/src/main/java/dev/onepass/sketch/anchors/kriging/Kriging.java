package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Interpolation over query space from the first R anchors of a set (simple kriging; Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1): the factor of their
 * covariance G, made once and shared by every sequence that uses as many.
 *
 * <p>How wrong an interpolation may be is told by the variance that the first few anchors leave,
 * which costs a query little, and by the sequence's own residuals: of some other anchors it is
 * known what would be said of each if it were not there ({@link #misses}). {@link StatedError}
 * makes a bound of the two.
 */
public final class Kriging {

  /** Anchors that are left out, one after the other. */
  private static final int LEFT_OUT = 64;

  private final AnchorVariogram variogram;
  private final int count;
  private final Cholesky factor;
  private final int[] leftOut;
  private volatile LeaveOneOut leaveOneOut;

  /**
   * What leaving witnesses out takes; most factors are never asked for it.
   *
   * @param missRows by which what is known gives what the others miss each witness by
   * @param deviations of the witnesses
   * @param rim of the anchors, by these
   */
  private record LeaveOneOut(float[] errorRows, double[] deviations, double reference) {}

  public Kriging(EmbeddedQueries anchors, Kernel kernel, int count) {
    this(new AnchorVariogram(new Columns(anchors, count), kernel));
  }

  public Kriging(AnchorVariogram variogram) {
    this.variogram = variogram;
    count = variogram.count();
    factor = variogram.kernel().factor(variogram.anchors(), count);
    leftOut = leftOut(count, LEFT_OUT);
  }

  /** Works out what leaving witnesses out takes, so that no query has to. */
  public Kriging prepared() {
    leaveOneOut();
    return this;
  }

  private LeaveOneOut leaveOneOut() {
    LeaveOneOut known = leaveOneOut;
    if (known == null) {
      EmbeddedQueries embedded = anchors().only(leftOut);
      float[] variograms = new float[leftOut.length * count];
      variograms(embedded, variograms);
      double[] deviations = new double[leftOut.length];
      deviations(variograms, leftOut.length, deviations);
      known =
          new LeaveOneOut(
              errorRows(leftOut), deviations, StatedError.referenceDeviation(deviations));
      leaveOneOut = known;
    }
    return known;
  }

  /** One column of G^-1. */
  private double[] inverseColumn(int anchor) {
    double[] column = new double[count];
    column[anchor] = 1;
    solve(column);
    return column;
  }

  /** Anchors R that are used. */
  public int count() {
    return count;
  }

  public AnchorVariogram variogram() {
    return variogram;
  }

  /** Replaces one right-hand side by {@code G^-1 x}. */
  public void solve(double[] x) {
    factor.solve(x);
  }

  /** Replaces several right-hand sides, one a column of a count x columns matrix. */
  public void solve(double[] x, int columns) {
    factor.solve(x, columns);
  }

  /**
   * Covariances of a placed query with all anchors used.
   *
   * @param variograms of all that are placed, queries x count
   * @param out receives count
   */
  public void covariances(EmbeddedQueries queries, float[] variograms, int q, double[] out) {
    double overlap = variogram.kernel().overlap();
    if (overlap == 0) {
      Arrays.fill(out, 0, count, 0);
    } else {
      int m = anchors().space().centreCount();
      float[] weighted = queries.weightedAttention(q);
      Kernels.logits(weighted, 0, overlap, anchors().attention(), count, m, out);
    }
    for (int r = 0, at = q * count; r < count; r++, at++) {
      out[r] += 1 - (double) variograms[at];
    }
  }

  /** See {@link AnchorVariogram#variograms}. */
  public void variograms(EmbeddedQueries queries, float[] out) {
    variogram.variograms(queries, out);
  }

  private EmbeddedQueries anchors() {
    return variogram.anchors();
  }

  /** See {@link AnchorVariogram#deviations}. */
  public void deviations(float[] variograms, int queries, double[] out) {
    variogram.deviations(variograms, queries, out);
  }

  /** Anchors of which it is known what the others would say of them. */
  public int leftOutCount() {
    return leftOut.length;
  }

  /**
   * By how much the other anchors miss each witness.
   *
   * @param y count x columns, what is interpolated
   * @return witnesses x columns
   */
  public float[] leaveOneOutErrors(float[] y, int columns) {
    float[] errors = new float[leftOut.length * columns];
    Kernels.addProduct(leaveOneOut().errorRows, leftOut.length, count, y, columns, errors);
    return errors;
  }

  /** Roots of the variances that the scouts leave of the witnesses; not a copy. */
  public double[] leftOutDeviations() {
    return leaveOneOut().deviations;
  }

  /** Where the anchors end; see {@link StatedError}. */
  public double referenceDeviation() {
    return leaveOneOut().reference;
  }

  /**
   * Rows by which the known values of all anchors give what the others miss each of some anchors
   * by: witnesses x count, row-major.
   */
  float[] errorRows(int[] leftOut) {
    float[] errorRows = new float[leftOut.length * count];
    for (int w = 0; w < leftOut.length; w++) {
      InterruptedWorkException.check();
      double[] column = inverseColumn(leftOut[w]);
      for (int r = 0; r < count; r++) {
        errorRows[w * count + r] = (float) (column[r] / column[leftOut[w]]);
      }
    }
    return errorRows;
  }

  /** Some of the anchors behind the scouts, evenly. */
  public static int[] leftOut(int count, int most) {
    int subset = AnchorVariogram.subsetSize(count);
    int left = count - subset;
    int taken = Math.min(most, left);
    return IntStream.range(0, taken).map(i -> subset + (int) ((long) i * left / taken)).toArray();
  }

  /** Bytes that interpolation from so many anchors takes in memory, in a space of so many dims. */
  public static long bytes(long count, int dim) {
    return Double.BYTES * (count * (count + 1) / 2)
        + Float.BYTES * count * LEFT_OUT
        + AnchorVariogram.bytes(count, dim);
  }
}
