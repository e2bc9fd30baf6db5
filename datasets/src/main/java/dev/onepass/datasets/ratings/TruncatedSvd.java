// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import dev.onepass.datasets.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import me.tongfei.progressbar.ProgressBar;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The largest singular values of a sparse matrix A, with their right singular vectors, by the
 * method of Lanczos on A' A. Each new vector of the basis is made orthogonal to all earlier ones,
 * so rounding does not repeat singular values. The basis takes a few vectors for each singular
 * value, each as long as a row of A.
 */
final class TruncatedSvd {

  /** The residual of a converged vector, relative to the largest eigenvalue of A' A. */
  private static final double CONVERGED = 1e-9;

  /** The largest remainder that is due to rounding, relative to the same. */
  private static final double ROUNDING = 1e-13;

  /** Growth of the basis between two examinations of what has converged. */
  private static final double GROWTH = 1.2;

  /**
   * Maximum size of the basis for each singular value. In a flat spectrum the last vectors may not
   * have converged by then; they are mixtures of vectors with nearly equal singular values.
   */
  private static final int MOST = 30;

  private final SparseMatrix matrix;
  private final int count;
  private final Random random;

  private final List<double[]> basis = new ArrayList<>();

  /** A' A in the basis: entry (i, i) of each row, and entry (i, i + 1). */
  private final List<Double> diagonal = new ArrayList<>();

  private final List<Double> offDiagonal = new ArrayList<>();

  /** The largest eigenvalues of A' A in the basis, and their vectors as columns. */
  private double[] eigenvalues;

  private DMatrixRMaj eigenvectors;

  private TruncatedSvd(SparseMatrix matrix, int count, Random random) {
    this.matrix = matrix;
    this.count = count;
    this.random = random;
  }

  /**
   * Returns V S, the right singular vectors times the singular values, the largest first: one row
   * for each column of A, of {@code count} numbers.
   *
   * @param count number of singular values, at most the number of columns of A
   * @param task name for the progress bar
   */
  static double[][] scaledVectors(SparseMatrix matrix, int count, Random random, String task) {
    if (count > matrix.columns()) {
      throw new IllegalArgumentException(
          "A matrix of %d columns has no %d singular values".formatted(matrix.columns(), count));
    }
    TruncatedSvd svd = new TruncatedSvd(matrix, count, random);
    try (ProgressBar bar = Progress.bar(task, count)) {
      svd.iterate(bar);
    }
    return svd.scaledVectors();
  }

  private void iterate(ProgressBar bar) {
    int most = Math.min(matrix.columns(), MOST * count);
    int examine = 2 * count;
    double[] vector = unitVector();
    while (true) {
      double[] remainder = extend(vector);
      int size = basis.size();
      double length = offDiagonal.get(size - 1);
      if (size == most || (size >= examine && length > 0)) {
        decompose();
        int converged = converged(length);
        bar.stepTo(converged);
        if (size == most || converged == count) {
          return;
        }
        examine = (int) Math.ceil(GROWTH * size);
      }
      vector = length > 0 ? scaled(remainder, 1 / length) : unitVector();
    }
  }

  /**
   * Adds a vector to the basis.
   *
   * @return the part of A' A times the vector that is orthogonal to the basis
   */
  private double[] extend(double[] vector) {
    double[] product = matrix.gram(vector);
    basis.add(vector);
    diagonal.add(dot(vector, product));
    makeOrthogonal(product);
    double length = Math.sqrt(dot(product, product));
    double largest = diagonal.stream().mapToDouble(x -> x).max().orElseThrow();
    offDiagonal.add(length > ROUNDING * largest ? length : 0);
    return product;
  }

  private double[] unitVector() {
    double[] vector = random.doubles(matrix.columns(), -1, 1).toArray();
    makeOrthogonal(vector);
    return scaled(vector, 1 / Math.sqrt(dot(vector, vector)));
  }

  /** Subtracts the projection on the basis; twice, because the first time leaves rounding. */
  private void makeOrthogonal(double[] vector) {
    for (int time = 0; time < 2; time++) {
      for (double[] other : basis) {
        add(vector, -dot(vector, other), other);
      }
    }
  }

  /** Decomposes A' A in the basis. It has no negative eigenvalues, so its SVD has the vectors. */
  private void decompose() {
    int size = basis.size();
    DMatrixRMaj inBasis = new DMatrixRMaj(size, size);
    for (int i = 0; i < size; i++) {
      inBasis.set(i, i, diagonal.get(i));
      if (i + 1 < size) {
        inBasis.set(i, i + 1, offDiagonal.get(i));
        inBasis.set(i + 1, i, offDiagonal.get(i));
      }
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(size, size, true, false, false);
    if (!svd.decompose(inBasis)) {
      throw new IllegalStateException("The singular values of the ratings did not converge.");
    }
    eigenvectors = svd.getU(null, false);
    eigenvalues = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(eigenvectors, false, eigenvalues, size, null, false);
  }

  /**
   * Returns how many eigenvectors have converged, from the first on.
   *
   * @param length length of the remainder of the last vector of the basis
   */
  private int converged(double length) {
    int last = basis.size() - 1;
    int converged = 0;
    while (converged < count
        && Math.abs(length * eigenvectors.get(last, converged)) <= CONVERGED * eigenvalues[0]) {
      converged++;
    }
    return converged;
  }

  private double[][] scaledVectors() {
    double[][] rows = new double[matrix.columns()][count];
    for (int e = 0; e < count; e++) {
      double singular = Math.sqrt(eigenvalues[e]);
      double[] vector = new double[rows.length];
      for (int i = 0; i < basis.size(); i++) {
        add(vector, singular * eigenvectors.get(i, e), basis.get(i));
      }
      for (int row = 0; row < rows.length; row++) {
        rows[row][e] = vector[row];
      }
    }
    return rows;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] other) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * other[i];
    }
  }

  private static double[] scaled(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
    return vector;
  }
}
