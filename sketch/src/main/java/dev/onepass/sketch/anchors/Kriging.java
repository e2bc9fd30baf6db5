package dev.onepass.sketch.anchors;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * Interpolation over query space from the first R anchors of a set (simple kriging; Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1): the factor of their
 * covariance G, made once and shared by every sequence that uses as many.
 *
 * <p>How wrong an interpolation may be is told by the variance that the first few anchors leave,
 * which costs a query little, times a factor that the sequence's own residuals give: of some other
 * anchors it is known what would be said of each if it were not there ({@link #leaveOneOut}).
 */
final class Kriging {

  /** Anchors whose variance stands for that of all. */
  private static final int SCOUTS = 128;

  /** Anchors that are left out, one after the other. */
  private static final int WITNESSES = 64;

  /** No variance is said to be smaller than this share of what is not known at all. */
  private static final double LEAST_VARIANCE = 1e-6;

  private final Places anchors;
  private final Kernel kernel;
  private final int count;
  private final double[] lower;
  private final int scouts;
  private final int[] witnesses;
  private volatile Witnessed witnessed;

  /**
   * What leaving witnesses out takes; most factors are never asked for it.
   *
   * @param columns of G^-1, one a witness
   * @param deviations of the witnesses
   */
  private record Witnessed(double[] columns, double[] deviations) {}

  Kriging(Places anchors, Kernel kernel, int count) {
    this.anchors = anchors;
    this.kernel = kernel;
    this.count = count;
    lower = factor();
    scouts = scouts(count);
    witnesses = witnesses(count, WITNESSES);
  }

  private double[] factor() {
    DMatrixRMaj covariance = new DMatrixRMaj(count, count);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        double value = anchors.covariance(kernel, i, anchors, j);
        covariance.data[i * count + j] = value;
        covariance.data[j * count + i] = value;
      }
      covariance.data[i * count + i] += kernel.nugget();
    }
    // Anchors that lie on one another leave a pivot that rounding may turn negative.
    for (double jitter = kernel.nugget(); ; jitter *= 10) {
      CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(count, true);
      if (cholesky.decompose(covariance.copy())) {
        return packed(cholesky.getT(null));
      }
      for (int i = 0; i < count; i++) {
        covariance.data[i * count + i] += jitter;
      }
    }
  }

  private double[] packed(DMatrixRMaj full) {
    double[] packed = new double[count * (count + 1) / 2];
    for (int i = 0; i < count; i++) {
      System.arraycopy(full.data, i * count, packed, i * (i + 1) / 2, i + 1);
    }
    return packed;
  }

  /** Works out what leaving witnesses out takes, so that no query has to. */
  Kriging prepared() {
    witnessed();
    return this;
  }

  private Witnessed witnessed() {
    Witnessed known = witnessed;
    if (known == null) {
      known = new Witnessed(new double[witnesses.length * count], new double[witnesses.length]);
      for (int w = 0; w < witnesses.length; w++) {
        System.arraycopy(inverseColumn(witnesses[w]), 0, known.columns, w * count, count);
        known.deviations[w] = deviation(anchors, witnesses[w]);
      }
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
    forward(x, count);
    for (int i = count - 1; i >= 0; i--) {
      int row = i * (i + 1) / 2;
      double value = x[i] / lower[row + i];
      x[i] = value;
      for (int l = 0; l < i; l++) {
        x[l] -= lower[row + l] * value;
      }
    }
  }

  private void forward(double[] x, int rows) {
    for (int i = 0; i < rows; i++) {
      int row = i * (i + 1) / 2;
      double sum = 0;
      for (int l = 0; l < i; l++) {
        sum += lower[row + l] * x[l];
      }
      x[i] = (x[i] - sum) / lower[row + i];
    }
  }

  /** Replaces several right-hand sides, one a column of a count x columns matrix. */
  void solve(double[] x, int columns) {
    for (int i = 0; i < count; i++) {
      int row = i * (i + 1) / 2;
      for (int l = 0; l < i; l++) {
        subtract(lower[row + l], x, l, i, columns);
      }
      divide(x, i, lower[row + i], columns);
    }
    for (int i = count - 1; i >= 0; i--) {
      int row = i * (i + 1) / 2;
      divide(x, i, lower[row + i], columns);
      for (int l = 0; l < i; l++) {
        subtract(lower[row + l], x, i, l, columns);
      }
    }
  }

  private static void subtract(double factor, double[] x, int from, int to, int columns) {
    for (int c = 0, a = from * columns, b = to * columns; c < columns; c++, a++, b++) {
      x[b] -= factor * x[a];
    }
  }

  private static void divide(double[] x, int row, double by, int columns) {
    for (int c = 0, a = row * columns; c < columns; c++, a++) {
      x[a] /= by;
    }
  }

  /** Covariances of a placed query with all anchors used. */
  void covariances(Places queries, int q, double[] out) {
    for (int r = 0; r < count; r++) {
      out[r] = queries.covariance(kernel, q, anchors, r);
    }
  }

  /** The Matern part of the same; the overlap is left to the features. */
  void maternCovariances(Places queries, int q, double[] out) {
    for (int r = 0; r < count; r++) {
      out[r] = kernel.matern(queries.squareDistance(q, anchors, r));
    }
  }

  double overlapWeight() {
    return kernel.overlap();
  }

  Places anchors() {
    return anchors;
  }

  /**
   * Root of the variance that the first anchors leave of a query's answer, in units of what nothing
   * is known of.
   */
  double deviation(Places queries, int q) {
    double[] x = new double[scouts];
    for (int r = 0; r < scouts; r++) {
      x[r] = queries.covariance(kernel, q, anchors, r);
    }
    forward(x, scouts);
    double left = queries.covariance(kernel, q, queries, q);
    double least = LEAST_VARIANCE * left;
    for (double part : x) {
      left -= part * part;
    }
    return Math.sqrt(Math.max(left, least));
  }

  /** Anchors of which it is known what the others would say of them. */
  int witnesses() {
    return witnesses.length;
  }

  /**
   * By how much the other anchors miss a witness, for each unit of its deviation.
   *
   * @param y count x columns, what is interpolated
   * @param from first column that counts
   * @param to column behind the last one
   */
  double leaveOneOut(int witness, double[] y, int columns, int from, int to) {
    return Math.sqrt(squareMiss(witness, y, columns, from, to)) / witnessed().deviations[witness];
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

  private double squareMiss(int witness, double[] y, int columns, int from, int to) {
    double[] witnessColumns = witnessed().columns;
    double[] miss = new double[columns];
    for (int r = 0; r < count; r++) {
      double weight = witnessColumns[witness * count + r];
      for (int c = from, i = r * columns + from; c < to; c++, i++) {
        miss[c] += weight * y[i];
      }
    }
    double square = 0;
    for (int c = from; c < to; c++) {
      square += miss[c] * miss[c];
    }
    double own = witnessColumns[witness * count + witnesses[witness]];
    return square / (own * own);
  }

  /** Bytes that the factor takes in memory. */
  static long bytes(long count) {
    return Double.BYTES * (count * (count + 1) / 2 + WITNESSES * count);
  }
}
