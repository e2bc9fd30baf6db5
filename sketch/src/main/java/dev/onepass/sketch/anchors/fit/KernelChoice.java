// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.background.InterruptedWorkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Selects the kernels of a set. Interpolates surrogate outputs from some past queries to held-back
 * ones by each kernel of a grid, and keeps the kernels with the smallest errors. Each sequence
 * later chooses among them by its values ({@link KernelTrial}).
 */
final class KernelChoice {

  private static final double[] LENGTHS = {2, 4, 8, 16};
  private static final double[] OVERLAPS = {0, 0.1};
  private static final double[] NUGGETS = {1e-6, 1e-5, 1e-4, 1e-3};

  /** Maximum number of kernels of a set. */
  static final int OFFERED = 16;

  private final int knownCount;
  private final int askedCount;
  private final int columns;
  private final DMatrixRMaj outputs;
  private final double[] means;
  private final double[][] exact;

  private final List<Tried> tried = new ArrayList<>();

  private record Tried(Kernel kernel, double keysError, double wavesError) {}

  /**
   * Tries all kernels.
   *
   * @param surrogates tokens over which queries attend
   * @param space space of the queries
   * @param known queries to interpolate from, n x d, row-major
   * @param asked held-back queries, m x d, row-major
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  KernelChoice(SurrogateTokens surrogates, QuerySpace space, float[] known, float[] asked) {
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
    tryAll(
        EmbeddedQueries.of(space, known, knownCount, 1),
        EmbeddedQueries.of(space, asked, askedCount, 1));
  }

  private void tryAll(EmbeddedQueries from, EmbeddedQueries to) {
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
          InterruptedWorkException.check();
          Kernel kernel = new Kernel(length, overlap, nugget * (1 + overlap * self));
          double[] errors = errors(covariance, towards, kernel.nugget());
          if (errors != null) {
            tried.add(new Tried(kernel, errors[0], errors[1]));
          }
        }
      }
    }
  }

  private static void fill(
      EmbeddedQueries rows, EmbeddedQueries columns, double[] distances, double[] overlaps) {
    for (int i = 0, at = 0; i < rows.count(); i++) {
      InterruptedWorkException.check();
      for (int j = 0; j < columns.count(); j++, at++) {
        distances[at] = rows.squareDistance(i, columns, j);
        overlaps[at] = rows.overlap(i, columns, j);
      }
    }
  }

  private static double[] matern(double length, double[] distances) {
    return Arrays.stream(distances).map(square -> Kernel.matern(square, length)).toArray();
  }

  private DMatrixRMaj sum(int rows, double[] matern, double overlap, double[] overlaps) {
    DMatrixRMaj sum = new DMatrixRMaj(rows, knownCount);
    for (int i = 0; i < matern.length; i++) {
      sum.data[i] = matern[i] + overlap * overlaps[i];
    }
    return sum;
  }

  /**
   * Returns the relative errors of the keys and of the waves; null if the covariance cannot be
   * factored.
   */
  private double[] errors(DMatrixRMaj covariance, DMatrixRMaj towards, double nugget) {
    DMatrixRMaj damped = covariance.copy();
    for (int r = 0; r < knownCount; r++) {
      damped.data[r * knownCount + r] += nugget;
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(knownCount);
    if (!solver.setA(damped)) {
      return null;
    }
    DMatrixRMaj weights = new DMatrixRMaj(knownCount, columns);
    solver.solve(outputs, weights);
    DMatrixRMaj predicted = new DMatrixRMaj(askedCount, columns);
    CommonOps_DDRM.mult(towards, weights, predicted);
    return new double[] {error(predicted, 0, columns / 2), error(predicted, columns / 2, columns)};
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
   * Returns the kernels with the smallest errors for keys or for waves, best first.
   *
   * @throws IllegalArgumentException if no covariance could be factored
   */
  List<Kernel> kernels() {
    if (tried.isEmpty()) {
      throw new IllegalArgumentException(
          "No kernel fits the past queries because they hardly differ; sample more different queries.");
    }
    double keys = tried.stream().mapToDouble(Tried::keysError).min().orElseThrow();
    double waves = tried.stream().mapToDouble(Tried::wavesError).min().orElseThrow();
    return tried.stream()
        .sorted(Comparator.comparingDouble(each -> behind(each, keys, waves)))
        .limit(OFFERED)
        .map(Tried::kernel)
        .toList();
  }

  /**
   * Returns the error of a kernel relative to the smallest error, for keys or for waves, whichever
   * ratio is smaller; at least 1.
   */
  private static double behind(Tried each, double keys, double waves) {
    return Math.min(
        each.keysError / Math.max(keys, Double.MIN_NORMAL),
        each.wavesError / Math.max(waves, Double.MIN_NORMAL));
  }
}
