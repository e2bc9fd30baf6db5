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
  private static final int WITNESSES = 64;

  private final Nearness nearness;
  private final int count;
  private final Cholesky factor;
  private final int[] witnesses;
  private volatile Witnessed witnessed;

  /**
   * What leaving witnesses out takes; most factors are never asked for it.
   *
   * @param missRows by which what is known gives what the others miss each witness by
   * @param deviations of the witnesses
   * @param rim of the anchors, by these
   */
  private record Witnessed(float[] missRows, double[] deviations, double rim) {}

  public Kriging(Places anchors, Kernel kernel, int count) {
    this(new Nearness(new Columns(anchors, count), kernel));
  }

  public Kriging(Nearness nearness) {
    this.nearness = nearness;
    count = nearness.count();
    factor = nearness.kernel().factor(nearness.anchors(), count);
    witnesses = witnesses(count, WITNESSES);
  }

  /** Works out what leaving witnesses out takes, so that no query has to. */
  public Kriging prepared() {
    witnessed();
    return this;
  }

  private Witnessed witnessed() {
    Witnessed known = witnessed;
    if (known == null) {
      Places places = anchors().only(witnesses);
      float[] variograms = new float[witnesses.length * count];
      variograms(places, variograms);
      double[] deviations = new double[witnesses.length];
      deviations(variograms, witnesses.length, deviations);
      known = new Witnessed(missRows(witnesses), deviations, StatedError.rim(deviations));
      witnessed = known;
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

  public Nearness nearness() {
    return nearness;
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
  public void covariances(Places queries, float[] variograms, int q, double[] out) {
    double overlap = nearness.kernel().overlap();
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

  /** See {@link Nearness#variograms}. */
  public void variograms(Places queries, float[] out) {
    nearness.variograms(queries, out);
  }

  private Places anchors() {
    return nearness.anchors();
  }

  /** See {@link Nearness#deviations}. */
  public void deviations(float[] variograms, int queries, double[] out) {
    nearness.deviations(variograms, queries, out);
  }

  /** Anchors of which it is known what the others would say of them. */
  public int witnesses() {
    return witnesses.length;
  }

  /**
   * By how much the other anchors miss each witness.
   *
   * @param y count x columns, what is interpolated
   * @return witnesses x columns
   */
  public float[] misses(float[] y, int columns) {
    float[] misses = new float[witnesses.length * columns];
    Kernels.addProduct(witnessed().missRows, witnesses.length, count, y, columns, misses);
    return misses;
  }

  /** Roots of the variances that the scouts leave of the witnesses; not a copy. */
  public double[] witnessDeviations() {
    return witnessed().deviations;
  }

  /** Where the anchors end; see {@link StatedError}. */
  public double rim() {
    return witnessed().rim;
  }

  /**
   * Rows by which the known values of all anchors give what the others miss each of some anchors
   * by: witnesses x count, row-major.
   */
  float[] missRows(int[] witnesses) {
    float[] missRows = new float[witnesses.length * count];
    for (int w = 0; w < witnesses.length; w++) {
      InterruptedWorkException.check();
      double[] column = inverseColumn(witnesses[w]);
      for (int r = 0; r < count; r++) {
        missRows[w * count + r] = (float) (column[r] / column[witnesses[w]]);
      }
    }
    return missRows;
  }

  /** Some of the anchors behind the scouts, evenly. */
  public static int[] witnesses(int count, int most) {
    int scouts = Nearness.scouts(count);
    int left = count - scouts;
    int taken = Math.min(most, left);
    return IntStream.range(0, taken).map(i -> scouts + (int) ((long) i * left / taken)).toArray();
  }

  /** Bytes that interpolation from so many anchors takes in memory, in a space of so many dims. */
  public static long bytes(long count, int dim) {
    return Double.BYTES * (count * (count + 1) / 2)
        + Float.BYTES * count * WITNESSES
        + Nearness.bytes(count, dim);
  }
}
