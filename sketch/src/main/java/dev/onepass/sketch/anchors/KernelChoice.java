package dev.onepass.sketch.anchors;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Tries kernels on held-back queries: interpolates surrogate outputs from some past queries, and
 * takes the kernel that comes nearest at others. The keys' half and the waves' half count alike,
 * each by its own relative error.
 */
final class KernelChoice {

  private static final double[] LENGTHS = {2, 4, 8, 16};
  private static final double[] OVERLAPS = {0, 0.1, 0.3};
  private static final double[] NUGGETS = {1e-7, 1e-6, 1e-5, 1e-4, 1e-3};

  private final float[] known;
  private final float[] asked;
  private final int knownCount;
  private final int askedCount;
  private final int columns;
  private final DMatrixRMaj outputs;
  private final double[] means;
  private final double[][] exact;

  private double least = Double.POSITIVE_INFINITY;
  private Kernel kernel;
  private QuerySpace space;

  /**
   * @param known queries whose outputs are known, n x d
   * @param asked others, m x d
   */
  KernelChoice(Surrogates surrogates, float[] known, float[] asked) {
    this.known = known;
    this.asked = asked;
    knownCount = known.length / surrogates.keyDim();
    askedCount = asked.length / surrogates.keyDim();
    columns = surrogates.valueDim();
    double[][] y = surrogates.attention(known, knownCount);
    exact = surrogates.attention(asked, askedCount);
    means = new double[columns];
    for (double[] row : y) {
      for (int c = 0; c < columns; c++) {
        means[c] += row[c] / knownCount;
      }
    }
    outputs = new DMatrixRMaj(knownCount, columns);
    for (int r = 0; r < knownCount; r++) {
      for (int c = 0; c < columns; c++) {
        outputs.data[r * columns + c] = y[r][c] - means[c];
      }
    }
  }

  /** Tries every kernel in a space. */
  void consider(QuerySpace candidate) {
    Places from = Places.of(candidate, known, knownCount, 1);
    Places to = Places.of(candidate, asked, askedCount, 1);
    double[] fromDistances = new double[knownCount * knownCount];
    double[] fromOverlaps = new double[knownCount * knownCount];
    double[] toDistances = new double[askedCount * knownCount];
    double[] toOverlaps = new double[askedCount * knownCount];
    fill(from, from, fromDistances, fromOverlaps);
    fill(to, from, toDistances, toOverlaps);
    double self = 0;
    for (int r = 0; r < knownCount; r++) {
      self += fromOverlaps[r * knownCount + r] / knownCount;
    }
    for (double length : LENGTHS) {
      double[] fromMatern = matern(length, fromDistances);
      double[] toMatern = matern(length, toDistances);
      for (double overlap : OVERLAPS) {
        DMatrixRMaj covariance = sum(knownCount, fromMatern, overlap, fromOverlaps);
        DMatrixRMaj towards = sum(askedCount, toMatern, overlap, toOverlaps);
        for (double nugget : NUGGETS) {
          Kernel tried = new Kernel(length, overlap, nugget * (1 + overlap * self));
          double error = error(covariance, towards, tried.nugget());
          if (error < least) {
            least = error;
            kernel = tried;
            space = candidate;
          }
        }
      }
    }
  }

  private static void fill(Places rows, Places columns, double[] distances, double[] overlaps) {
    for (int i = 0, at = 0; i < rows.count(); i++) {
      for (int j = 0; j < columns.count(); j++, at++) {
        distances[at] = rows.squareDistance(i, columns, j);
        overlaps[at] = rows.overlap(i, columns, j);
      }
    }
  }

  private static double[] matern(double length, double[] distances) {
    Kernel plain = new Kernel(length, 0, 1);
    return Arrays.stream(distances).map(plain::matern).toArray();
  }

  private DMatrixRMaj sum(int rows, double[] matern, double overlap, double[] overlaps) {
    DMatrixRMaj sum = new DMatrixRMaj(rows, knownCount);
    for (int i = 0; i < matern.length; i++) {
      sum.data[i] = matern[i] + overlap * overlaps[i];
    }
    return sum;
  }

  private double error(DMatrixRMaj covariance, DMatrixRMaj towards, double nugget) {
    DMatrixRMaj damped = covariance.copy();
    for (int r = 0; r < knownCount; r++) {
      damped.data[r * knownCount + r] += nugget;
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(knownCount);
    if (!solver.setA(damped)) {
      return Double.POSITIVE_INFINITY;
    }
    DMatrixRMaj weights = new DMatrixRMaj(knownCount, columns);
    solver.solve(outputs, weights);
    DMatrixRMaj predicted = new DMatrixRMaj(askedCount, columns);
    CommonOps_DDRM.mult(towards, weights, predicted);
    return error(predicted, 0, columns / 2) * error(predicted, columns / 2, columns);
  }

  private double error(DMatrixRMaj predicted, int from, int to) {
    double wrong = 0;
    double all = 0;
    for (int q = 0; q < askedCount; q++) {
      for (int c = from; c < to; c++) {
        double truth = exact[q][c] - means[c];
        wrong += Math.pow(predicted.data[q * columns + c] - truth, 2);
        all += truth * truth;
      }
    }
    return Math.sqrt(wrong / Math.max(all, Double.MIN_NORMAL));
  }

  /**
   * The best kernel.
   *
   * @throws IllegalArgumentException if none could be factored
   */
  Kernel kernel() {
    if (kernel == null) {
      throw new IllegalArgumentException("no kernel fits the past queries: they hardly differ");
    }
    return kernel;
  }

  /** The space of the best kernel. */
  QuerySpace space() {
    return space;
  }
}
