package dev.onepass.sketch.anchors;

import dev.onepass.sketch.kernel.Kernels;
import dev.onepass.sketch.moment.Cholesky;
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
final class Kriging {

  /** Anchors whose variance stands for that of all, at most. */
  private static final int SCOUTS = 64;

  /** Anchors that are left out, one after the other. */
  private static final int WITNESSES = 64;

  private final Places anchors;
  private final Kernel kernel;
  private final int count;
  private final Cholesky factor;
  private final Scouts scouts;
  private final int[] witnesses;

  /** Coordinates of the anchors times -2, transposed, D x R, and their square norms. */
  private final float[] columns;

  private final float[] squareNorms;
  private volatile Witnessed witnessed;

  /**
   * What leaving witnesses out takes; most factors are never asked for it.
   *
   * @param missRows by which what is known gives what the others miss each witness by
   * @param deviations of the witnesses
   * @param rim of the anchors, by these
   */
  private record Witnessed(float[] missRows, double[] deviations, double rim) {}

  Kriging(Places anchors, Kernel kernel, int count) {
    this.anchors = anchors;
    this.kernel = kernel;
    this.count = count;
    factor = kernel.factor(anchors, count);
    scouts = new Scouts(anchors, kernel, scouts(count));
    witnesses = witnesses(count, WITNESSES);
    int dim = anchors.space().dim();
    columns = new float[dim * count];
    squareNorms = new float[count];
    for (int r = 0; r < count; r++) {
      squareNorms[r] = anchors.squareNorm(r);
      for (int e = 0; e < dim; e++) {
        columns[e * count + r] = -2 * anchors.x()[r * dim + e];
      }
    }
  }

  /** Works out what leaving witnesses out takes, so that no query has to. */
  Kriging prepared() {
    witnessed();
    return this;
  }

  private Witnessed witnessed() {
    Witnessed known = witnessed;
    if (known == null) {
      Places places = anchors.only(witnesses);
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
  int count() {
    return count;
  }

  /** Replaces one right-hand side by {@code G^-1 x}. */
  void solve(double[] x) {
    factor.solve(x);
  }

  /** Replaces several right-hand sides, one a column of a count x columns matrix. */
  void solve(double[] x, int columns) {
    factor.solve(x, columns);
  }

  /**
   * Covariances of a placed query with all anchors used.
   *
   * @param variograms of all that are placed, queries x count
   * @param out receives count
   */
  void covariances(Places queries, float[] variograms, int q, double[] out) {
    if (kernel.overlap() == 0) {
      Arrays.fill(out, 0, count, 0);
    } else {
      int m = anchors.space().centreCount();
      float[] weighted = queries.weightedAttention(q);
      Kernels.logits(weighted, 0, kernel.overlap(), anchors.attention(), count, m, out);
    }
    for (int r = 0, at = q * count; r < count; r++, at++) {
      out[r] += 1 - (double) variograms[at];
    }
  }

  /**
   * What the Matern part of placed queries' covariances lacks to 1. Interpolation from smooth
   * functions weighs anchors against each other by large weights: floats next to 1 would be too
   * coarse for them.
   *
   * @param out receives queries x count
   */
  void variograms(Places queries, float[] out) {
    int n = queries.count();
    for (int q = 0, at = 0; q < n; q++) {
      float square = queries.squareNorm(q);
      for (int r = 0; r < count; r++, at++) {
        out[at] = square + squareNorms[r];
      }
    }
    Kernels.addProduct(queries.x(), n, anchors.space().dim(), columns, count, out);
    Kernels.maternVariogram(out, n * count, kernel.length());
  }

  Kernel kernel() {
    return kernel;
  }

  Places anchors() {
    return anchors;
  }

  /**
   * Roots of the variances that the scouts leave of queries' answers, in units of those that
   * nothing is known of.
   *
   * @param variograms of the queries, queries x count
   * @param out receives one a query
   */
  void deviations(float[] variograms, int queries, double[] out) {
    scouts.deviations(variograms, queries, count, out);
  }

  /** Multiplications that variograms and a deviation take for one query, each with an addition. */
  int multiplyAdds() {
    return anchors.space().dim() * (count + 1) + scouts.multiplyAdds();
  }

  /** Anchors of which it is known what the others would say of them. */
  int witnesses() {
    return witnesses.length;
  }

  /**
   * By how much the other anchors miss each witness.
   *
   * @param y count x columns, what is interpolated
   * @return witnesses x columns
   */
  float[] misses(float[] y, int columns) {
    float[] misses = new float[witnesses.length * columns];
    Kernels.addProduct(witnessed().missRows, witnesses.length, count, y, columns, misses);
    return misses;
  }

  /** Roots of the variances that the scouts leave of the witnesses; not a copy. */
  double[] witnessDeviations() {
    return witnessed().deviations;
  }

  /** Where the anchors end; see {@link StatedError}. */
  double rim() {
    return witnessed().rim;
  }

  /**
   * Rows by which the known values of all anchors give what the others miss each of some anchors
   * by: witnesses x count, row-major.
   */
  float[] missRows(int[] witnesses) {
    float[] missRows = new float[witnesses.length * count];
    for (int w = 0; w < witnesses.length; w++) {
      double[] column = inverseColumn(witnesses[w]);
      for (int r = 0; r < count; r++) {
        missRows[w * count + r] = (float) (column[r] / column[witnesses[w]]);
      }
    }
    return missRows;
  }

  /** Of so many anchors the first ones, whose variance stands for that of all. */
  static int scouts(int count) {
    return Math.min(SCOUTS, (count + 1) / 2);
  }

  /** Some of the anchors behind the scouts, evenly. */
  static int[] witnesses(int count, int most) {
    int scouts = scouts(count);
    int left = count - scouts;
    int taken = Math.min(most, left);
    return IntStream.range(0, taken).map(i -> scouts + (int) ((long) i * left / taken)).toArray();
  }

  /** Bytes that interpolation from so many anchors takes in memory, in a space of so many dims. */
  static long bytes(long count, int dim) {
    return Double.BYTES * count * (count + 1) / 2
        + Float.BYTES * count * (WITNESSES + dim + 1)
        + Scouts.bytes(SCOUTS);
  }
}
