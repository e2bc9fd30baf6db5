// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import java.util.Arrays;
import java.util.Comparator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;
import org.ejml.dense.row.decomposition.svd.SvdImplicitQrDecompose_DDRM;

/** Singular value decompositions of products of tall matrices, on the calling thread only. */
final class ProductSvd {

  /**
   * A decomposition left diag(values) right', where left and right have orthonormal columns.
   *
   * @param left left singular vectors
   * @param values singular values, largest first
   * @param right right singular vectors
   */
  record Product(DMatrixRMaj left, double[] values, DMatrixRMaj right) {}

  /**
   * A QR decomposition, in which Q has as many orthonormal columns as the smaller side of the
   * matrix.
   */
  private record Orthogonal(DMatrixRMaj q, DMatrixRMaj r) {}

  private ProductSvd() {}

  /**
   * Returns a matrix.
   *
   * @param columns columns of the matrix, one after the other
   * @param dim length of a column
   * @param count number of columns
   */
  static DMatrixRMaj columns(float[] columns, int dim, int count) {
    DMatrixRMaj matrix = new DMatrixRMaj(dim, count);
    for (int c = 0; c < count; c++) {
      for (int i = 0; i < dim; i++) {
        matrix.set(i, c, columns[c * dim + i]);
      }
    }
    return matrix;
  }

  /**
   * Decomposes left right'; both have the same number of columns.
   *
   * @throws IllegalStateException if the decomposition does not converge
   */
  static Product svdOfProduct(DMatrixRMaj left, DMatrixRMaj right) {
    Orthogonal x = qr(left);
    Orthogonal y = qr(right);
    DMatrixRMaj core = new DMatrixRMaj(x.r.getNumRows(), y.r.getNumRows());
    CommonOps_DDRM.multTransB(x.r, y.r, core);
    SvdImplicitQrDecompose_DDRM svd = new SvdImplicitQrDecompose_DDRM(true, true, true, false);
    if (!svd.decompose(core)) {
      throw new IllegalStateException("The singular values did not converge.");
    }
    int count = svd.numberOfSingularValues();
    double[] values = svd.getSingularValues();
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -values[i]));
    double[] sorted = new double[count];
    Arrays.setAll(sorted, i -> values[order[i]]);
    return new Product(
        product(x.q, svd.getU(null, false), order),
        sorted,
        product(y.q, svd.getV(null, false), order));
  }

  /** Returns the product of q and the reordered columns of u. */
  private static DMatrixRMaj product(DMatrixRMaj q, DMatrixRMaj u, Integer[] order) {
    DMatrixRMaj sorted = new DMatrixRMaj(u.getNumRows(), order.length);
    for (int c = 0; c < order.length; c++) {
      for (int i = 0; i < u.getNumRows(); i++) {
        sorted.set(i, c, u.get(i, order[c]));
      }
    }
    DMatrixRMaj product = new DMatrixRMaj(q.getNumRows(), order.length);
    CommonOps_DDRM.mult(q, sorted, product);
    return product;
  }

  /** Returns an orthonormal basis of the span of the columns. */
  static DMatrixRMaj basis(DMatrixRMaj matrix) {
    return qr(matrix).q;
  }

  private static Orthogonal qr(DMatrixRMaj matrix) {
    QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();
    // The result is false if columns are linearly dependent; the factors are valid in any case.
    qr.decompose(matrix);
    return new Orthogonal(qr.getQ(null, true), qr.getR(null, true));
  }
}
