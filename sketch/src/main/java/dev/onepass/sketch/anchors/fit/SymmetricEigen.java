// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** The eigenvalues of a symmetric matrix, largest first, with their eigenvectors. */
final class SymmetricEigen {

  private final double[] values;
  private final double[][] vectors;

  private SymmetricEigen(double[] values, double[][] vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  /**
   * Decomposes a matrix.
   *
   * @param symmetric matrix, dim x dim; not changed
   * @param dim number of rows
   * @throws IllegalArgumentException if the decomposition does not converge
   */
  static SymmetricEigen of(double[] symmetric, int dim) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(dim, true, true);
    if (!eigen.decompose(new DMatrixRMaj(dim, dim, true, symmetric.clone()))) {
      throw new IllegalArgumentException(
          "The eigenvalues of the covariance of queries or keys did not converge.");
    }
    Integer[] order = new Integer[dim];
    Arrays.setAll(order, e -> e);
    Arrays.sort(
        order,
        (a, b) ->
            Double.compare(eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()));
    double[] values = new double[dim];
    double[][] vectors = new double[dim][];
    for (int e = 0; e < dim; e++) {
      values[e] = eigen.getEigenvalue(order[e]).getReal();
      vectors[e] = eigen.getEigenVector(order[e]).data;
    }
    return new SymmetricEigen(values, vectors);
  }

  /** Returns eigenvalue {@code e}, from 0 for the largest. */
  double value(int e) {
    return values[e];
  }

  /** Returns the eigenvector of eigenvalue {@code e}, of length 1; not a copy. */
  double[] vector(int e) {
    return vectors[e];
  }
}
