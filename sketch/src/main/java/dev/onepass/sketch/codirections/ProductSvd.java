package dev.onepass.sketch.codirections;

import java.util.Arrays;
import java.util.Comparator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;
import org.ejml.dense.row.decomposition.svd.SvdImplicitQrDecompose_DDRM;

/** Singular values of products of tall matrices; single-threaded, whatever the sizes. */
final class ProductSvd {

  /**
   * left diag(values) right', with orthonormal columns.
   *
   * @param values descending
   */
  record Product(DMatrixRMaj left, double[] values, DMatrixRMaj right) {}

  /** Q R with orthonormal columns of Q, as many as the smaller side has. */
  private record Orthogonal(DMatrixRMaj q, DMatrixRMaj r) {}

  private ProductSvd() {}

  /** A matrix of columns that stand one after the other. */
  static DMatrixRMaj columns(float[] columns, int dim, int count) {
    DMatrixRMaj matrix = new DMatrixRMaj(dim, count);
    for (int c = 0; c < count; c++) {
      for (int i = 0; i < dim; i++) {
        matrix.set(i, c, columns[c * dim + i]);
      }
    }
    return matrix;
  }

  /** The singular value decomposition of left right', both with as many columns. */
  static Product svdOfProduct(DMatrixRMaj left, DMatrixRMaj right) {
    Orthogonal x = qr(left);
    Orthogonal y = qr(right);
    DMatrixRMaj core = new DMatrixRMaj(x.r.getNumRows(), y.r.getNumRows());
    CommonOps_DDRM.multTransB(x.r, y.r, core);
    SvdImplicitQrDecompose_DDRM svd = new SvdImplicitQrDecompose_DDRM(true, true, true, false);
    if (!svd.decompose(core)) {
      throw new IllegalStateException("the singular values did not converge");
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

  /** q times the columns of u in that order. */
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

  /** An orthonormal basis of the columns' span. */
  static DMatrixRMaj basis(DMatrixRMaj matrix) {
    return qr(matrix).q;
  }

  private static Orthogonal qr(DMatrixRMaj matrix) {
    QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();
    // False says that a column depends on those before it; the factors are right all the same.
    qr.decompose(matrix);
    return new Orthogonal(qr.getQ(null, true), qr.getR(null, true));
  }
}
