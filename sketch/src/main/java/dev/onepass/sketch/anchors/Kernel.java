package dev.onepass.sketch.anchors;

import dev.onepass.sketch.moment.Cholesky;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * How alike the answers to two queries are before anything is known of the values: a Matern kernel
 * (nu = 5/2) of the distance between them in {@link QuerySpace}, and the overlap of what they
 * attend to.
 *
 * @param length of the Matern kernel, in units of {@link QuerySpace}'s coordinates
 * @param overlap weight of the overlap
 * @param nugget added to the diagonal: what of an answer its neighbours do not tell
 */
record Kernel(double length, double overlap, double nugget) {

  static final int BYTES = 3 * Double.BYTES;

  private static final double ROOT_5 = Math.sqrt(5);

  /** The Matern part, 1 at distance 0. */
  double matern(double squareDistance) {
    double x = ROOT_5 * Math.sqrt(Math.max(0, squareDistance)) / length;
    return (1 + x + x * x / 3) * Math.exp(-x);
  }

  /** The factor of the covariances of the first {@code count} places, the nugget added. */
  Cholesky factor(Places places, int count) {
    DMatrixRMaj covariance = new DMatrixRMaj(count, count);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        double value = places.covariance(this, i, places, j);
        covariance.data[i * count + j] = value;
        covariance.data[j * count + i] = value;
      }
      covariance.data[i * count + i] += nugget;
    }
    // Places that lie on one another leave a pivot that rounding may turn negative.
    for (double jitter = nugget; ; jitter *= 10) {
      CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(count, true);
      if (cholesky.decompose(covariance.copy())) {
        return Cholesky.of(count, packed(cholesky.getT(null)));
      }
      for (int i = 0; i < count; i++) {
        covariance.data[i * count + i] += jitter;
      }
    }
  }

  private static double[] packed(DMatrixRMaj full) {
    int count = full.numRows;
    double[] packed = new double[count * (count + 1) / 2];
    for (int i = 0; i < count; i++) {
      System.arraycopy(full.data, i * count, packed, i * (i + 1) / 2, i + 1);
    }
    return packed;
  }

  void write(WireWriter out) {
    out.putDouble(length);
    out.putDouble(overlap);
    out.putDouble(nugget);
  }

  static Kernel read(WireReader in) {
    Kernel kernel = new Kernel(in.getDouble(), in.getDouble(), in.getDouble());
    // Far beyond what is ever chosen; within, covariances are numbers and can be factored.
    if (!(isBetween(kernel.length, 1e-6, 1e6)
        && isBetween(kernel.overlap, 0, 1e6)
        && isBetween(kernel.nugget, 1e-12, 1e6))) {
      throw new CorruptSketchException("no kernel of an anchor set: " + kernel);
    }
    return kernel;
  }

  private static boolean isBetween(double x, double least, double most) {
    return x >= least && x <= most;
  }
}
