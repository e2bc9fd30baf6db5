package dev.onepass.sketch.anchors;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Fits a {@link QuerySpace} to past queries and keys: the query in the Fisher metric and the
 * whitened mean key that it attends to, each scaled to a given variance.
 */
final class SpaceFit {

  /** Directions of keys with less than this share of the largest variance are not blown up. */
  private static final double FLOOR = 1e-6;

  private final int dim;
  private final KeyCentres centres;
  private final float[] queries;
  private final QuerySpace raw;
  private final double[] attended;
  private final double[] weights;
  private final double overlapScale;

  /**
   * @param queries a sample of past queries, n x d
   * @param centres of past keys
   */
  SpaceFit(int dim, float[] queries, KeyCentres centres) {
    this.dim = dim;
    this.queries = queries;
    this.centres = centres;
    raw = space(new float[dim * dim], centres.centres(), 1);
    int n = queries.length / dim;
    // With these axes the last coordinates of a query are the mean key that it attends to.
    Places places = Places.of(raw, queries, n, 1);
    attended = new double[n * dim];
    for (int i = 0; i < attended.length; i++) {
      attended[i] = places.x()[i / dim * 2 * dim + dim + i % dim];
    }
    double self = 0;
    for (int q = 0; q < n; q++) {
      self += places.overlap(q, places, q) / n;
    }
    overlapScale = self > 0 ? 1 / Math.sqrt(self) : 1;
    weights = meanAttention(places, n);
  }

  private QuerySpace space(float[] queryAxes, float[] keyAxes, double scale) {
    float[] logCounts = new float[centres.count()];
    float[] spreads = new float[centres.count()];
    for (int c = 0; c < logCounts.length; c++) {
      logCounts[c] = (float) Math.log(centres.counts()[c]);
      spreads[c] = (float) centres.spreads()[c];
    }
    return new QuerySpace(
        dim,
        centres.centres(),
        logCounts,
        spreads,
        floats(root(centres.scatter(), dim, 0.5)),
        queryAxes,
        keyAxes,
        scale);
  }

  private double[] meanAttention(Places places, int n) {
    int m = centres.count();
    double[] mean = new double[m];
    for (int q = 0; q < n; q++) {
      for (int c = 0; c < m; c++) {
        mean[c] += places.features()[q * m + c] * Math.sqrt(centres.counts()[c]) / n;
      }
    }
    return mean;
  }

  /**
   * The space in which squares of the attended mean key count {@code attendedWeight} times those of
   * the query.
   */
  QuerySpace fit(double attendedWeight) {
    double[] fisher = root(fisher(), dim, 0.5);
    double[] whitening = root(keyCovariance(), dim, -0.5);
    int n = queries.length / dim;
    double[] x = new double[n * 2 * dim];
    for (int q = 0; q < n; q++) {
      for (int e = 0; e < dim; e++) {
        double a = 0;
        double b = 0;
        for (int i = 0; i < dim; i++) {
          a += queries[q * dim + i] * fisher[i * dim + e];
          b += attended[q * dim + i] * whitening[i * dim + e];
        }
        x[q * 2 * dim + e] = a;
        x[q * 2 * dim + dim + e] = b;
      }
    }
    double queryScale = 1 / Math.sqrt(Math.max(variance(x, 2 * dim, 0, dim), Double.MIN_NORMAL));
    double keyScale =
        Math.sqrt(attendedWeight / Math.max(variance(x, 2 * dim, dim, 2 * dim), Double.MIN_NORMAL));
    float[] queryAxes = new float[dim * dim];
    for (int i = 0; i < queryAxes.length; i++) {
      queryAxes[i] = (float) (queryScale * fisher[i]);
    }
    float[] keyAxes = new float[centres.count() * dim];
    for (int c = 0; c < centres.count(); c++) {
      for (int e = 0; e < dim; e++) {
        double sum = 0;
        for (int i = 0; i < dim; i++) {
          sum += centres.centres()[c * dim + i] * whitening[i * dim + e];
        }
        keyAxes[c * dim + e] = (float) (keyScale * sum);
      }
    }
    return space(queryAxes, keyAxes, overlapScale);
  }

  /** Covariance of keys under the attention of a query, its mean over queries. */
  private double[] fisher() {
    int n = attended.length / dim;
    double[] sum = new double[dim * dim];
    double spread = 0;
    for (int c = 0; c < centres.count(); c++) {
      spread += weights[c] * centres.spreads()[c];
      for (int i = 0; i < dim; i++) {
        double factor = weights[c] * centres.centres()[c * dim + i];
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] += factor * centres.centres()[c * dim + l];
        }
      }
    }
    for (int q = 0; q < n; q++) {
      for (int i = 0; i < dim; i++) {
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] -= attended[q * dim + i] * attended[q * dim + l] / n;
        }
      }
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] += spread * centres.scatter()[i];
    }
    return sum;
  }

  private double[] keyCovariance() {
    double total = Arrays.stream(centres.counts()).sum();
    double[] mean = new double[dim];
    for (int c = 0; c < centres.count(); c++) {
      for (int i = 0; i < dim; i++) {
        mean[i] += centres.counts()[c] / total * centres.centres()[c * dim + i];
      }
    }
    double[] sum = centres.scatter().clone();
    for (int c = 0; c < centres.count(); c++) {
      double share = centres.counts()[c] / total;
      for (int i = 0; i < dim; i++) {
        double x = centres.centres()[c * dim + i] - mean[i];
        for (int l = 0; l < dim; l++) {
          sum[i * dim + l] += share * x * (centres.centres()[c * dim + l] - mean[l]);
        }
      }
    }
    return sum;
  }

  private static double variance(double[] x, int columns, int from, int to) {
    double[] covariance = covariance(x, columns);
    double sum = 0;
    for (int c = from; c < to; c++) {
      sum += covariance[c * columns + c];
    }
    return sum;
  }

  private static double[] covariance(double[] x, int columns) {
    int n = x.length / columns;
    double[] mean = new double[columns];
    for (int i = 0; i < x.length; i++) {
      mean[i % columns] += x[i] / n;
    }
    double[] covariance = new double[columns * columns];
    for (int q = 0; q < n; q++) {
      for (int i = 0; i < columns; i++) {
        double factor = (x[q * columns + i] - mean[i]) / n;
        for (int l = 0; l < columns; l++) {
          covariance[i * columns + l] += factor * (x[q * columns + l] - mean[l]);
        }
      }
    }
    return covariance;
  }

  /** U diag(w^power), with U diag(w) U' the matrix; small w are raised, zero ones stay out. */
  private static double[] root(double[] matrix, int dim, double power) {
    Eigen eigen = Eigen.of(matrix, dim);
    double[] root = new double[dim * dim];
    double floor = FLOOR * eigen.values[0];
    for (int e = 0; e < dim; e++) {
      double value = Math.max(eigen.values[e], power < 0 ? floor : 0);
      double factor = value > 0 ? Math.pow(value, power) : 0;
      for (int i = 0; i < dim; i++) {
        root[i * dim + e] = eigen.vector(e, i) * factor;
      }
    }
    return root;
  }

  private static float[] floats(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }

  /** Eigenvalues, largest first, and vectors of a symmetric matrix. */
  private static final class Eigen {
    private final int dim;
    private final double[] values;
    private final double[][] vectors;

    private Eigen(int dim, double[] values, double[][] vectors) {
      this.dim = dim;
      this.values = values;
      this.vectors = vectors;
    }

    static Eigen of(double[] symmetric, int dim) {
      EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(dim, true, true);
      if (!eigen.decompose(new DMatrixRMaj(dim, dim, true, symmetric.clone()))) {
        throw new IllegalArgumentException("the covariance of queries or keys has no eigenvalues");
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
      return new Eigen(dim, values, vectors);
    }

    double vector(int e, int i) {
      return vectors[e][i];
    }
  }
}
