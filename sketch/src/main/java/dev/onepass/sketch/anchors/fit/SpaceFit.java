package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.background.Interrupted;
import dev.onepass.sketch.simd.Floats;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Fits a {@link QuerySpace} to past queries and keys: the query in the Fisher metric and the
 * whitened mean key that it attends to, each scaled to a given variance, beside each other. Of
 * these 2 d coordinates the principal directions of the differences between neighbours are kept,
 * since interpolation goes from neighbour to neighbour: where queries vary from one end of the head
 * to the other but not among neighbours, nothing is lost.
 */
final class SpaceFit {

  /** Directions of keys with less than this share of the largest variance are not blown up. */
  private static final double FLOOR = 1e-6;

  /** Queries whose neighbours are looked for among all, and how many of them. */
  private static final int AMONG_NEIGHBOURS = 512;

  private static final int NEIGHBOURS = 10;

  private final int dim;
  private final KeyCentres centres;
  private final float[] queries;
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
    // With these axes the coordinates of a query are the mean key that it attends to.
    QuerySpace raw = space(dim, new float[dim * dim], centres.centres(), 1);
    int n = queries.length / dim;
    EmbeddedQueries embedded = EmbeddedQueries.of(raw, queries, n, 1);
    attended = new double[n * dim];
    Arrays.setAll(attended, i -> embedded.x()[i]);
    double self = 0;
    for (int q = 0; q < n; q++) {
      self += embedded.overlap(q, embedded, q) / n;
    }
    overlapScale = self > 0 ? 1 / Math.sqrt(self) : 1;
    weights = meanAttention(embedded, n);
  }

  private QuerySpace space(int coordinates, float[] queryAxes, float[] keyAxes, double scale) {
    float[] logCounts = new float[centres.count()];
    float[] spreads = new float[centres.count()];
    for (int c = 0; c < logCounts.length; c++) {
      logCounts[c] = (float) Math.log(centres.counts()[c]);
      spreads[c] = (float) centres.spreads()[c];
    }
    return new QuerySpace(
        dim,
        coordinates,
        centres.centres(),
        logCounts,
        spreads,
        Floats.of(root(centres.scatter(), dim, 0.5)),
        queryAxes,
        keyAxes,
        scale);
  }

  private double[] meanAttention(EmbeddedQueries embedded, int n) {
    int m = centres.count();
    double[] mean = new double[m];
    for (int q = 0; q < n; q++) {
      for (int c = 0; c < m; c++) {
        mean[c] += (double) embedded.attention()[q * m + c] / n;
      }
    }
    return mean;
  }

  /**
   * The space in which squares of the attended mean key count {@code attendedWeight} times those of
   * the query.
   *
   * @param coordinates kept, at most 2 d
   */
  QuerySpace fit(double attendedWeight, int coordinates) {
    double[] fisher = root(fisher(), dim, 0.5);
    double[] whitening = root(keyCovariance(), dim, -0.5);
    int n = queries.length / dim;
    int all = 2 * dim;
    double[] x = new double[n * all];
    for (int q = 0; q < n; q++) {
      Interrupted.check();
      for (int e = 0; e < dim; e++) {
        double a = 0;
        double b = 0;
        for (int i = 0; i < dim; i++) {
          a += queries[q * dim + i] * fisher[i * dim + e];
          b += attended[q * dim + i] * whitening[i * dim + e];
        }
        x[q * all + e] = a;
        x[q * all + dim + e] = b;
      }
    }
    double[] mean = mean(x, all);
    double queryScale = 1 / Math.sqrt(Math.max(variance(x, mean, 0), Double.MIN_NORMAL));
    double keyScale =
        Math.sqrt(attendedWeight / Math.max(variance(x, mean, dim), Double.MIN_NORMAL));
    double[] scales = new double[all];
    Arrays.fill(scales, 0, dim, queryScale);
    Arrays.fill(scales, dim, all, keyScale);
    for (int i = 0; i < x.length; i++) {
      x[i] = (x[i] - mean[i % all]) * scales[i % all];
    }
    Eigen directions = Eigen.of(amongNeighbours(x, all), all);
    float[] queryAxes = new float[dim * coordinates];
    float[] keyAxes = new float[centres.count() * coordinates];
    for (int e = 0; e < coordinates; e++) {
      double[] direction = directions.vectors[e];
      double shift = 0;
      for (int a = 0; a < all; a++) {
        shift += mean[a] * scales[a] * direction[a];
      }
      for (int i = 0; i < dim; i++) {
        queryAxes[i * coordinates + e] = (float) (queryScale * along(fisher, i, direction, 0));
      }
      // Attention sums to 1: what is taken from every centre is taken from every query.
      double[] ofKey = new double[dim];
      for (int i = 0; i < dim; i++) {
        ofKey[i] = keyScale * along(whitening, i, direction, dim);
      }
      for (int c = 0; c < centres.count(); c++) {
        double sum = -shift;
        for (int i = 0; i < dim; i++) {
          sum += centres.centres()[c * dim + i] * ofKey[i];
        }
        keyAxes[c * coordinates + e] = (float) sum;
      }
    }
    return space(coordinates, queryAxes, keyAxes, overlapScale);
  }

  /** Row i of a d x d matrix times d numbers of a direction. */
  private double along(double[] matrix, int i, double[] direction, int from) {
    double sum = 0;
    for (int e = 0; e < dim; e++) {
      sum += matrix[i * dim + e] * direction[from + e];
    }
    return sum;
  }

  /** Sum of y y' over differences y between queries and those nearest to them. */
  private static double[] amongNeighbours(double[] x, int columns) {
    int n = x.length / columns;
    double[] sum = new double[columns * columns];
    double[] distances = new double[n];
    double[] y = new double[columns];
    for (int q = 0; q < Math.min(n, AMONG_NEIGHBOURS); q++) {
      Interrupted.check();
      for (int r = 0; r < n; r++) {
        double square = 0;
        for (int e = 0; e < columns; e++) {
          double difference = x[q * columns + e] - x[r * columns + e];
          square += difference * difference;
        }
        distances[r] = square;
      }
      double[] sorted = distances.clone();
      Arrays.sort(sorted);
      double farthest = sorted[Math.min(n - 1, NEIGHBOURS)];
      for (int r = 0; r < n; r++) {
        if (distances[r] <= farthest) {
          for (int e = 0; e < columns; e++) {
            y[e] = x[q * columns + e] - x[r * columns + e];
          }
          addSquare(y, sum);
        }
      }
    }
    return sum;
  }

  private static void addSquare(double[] y, double[] sum) {
    for (int i = 0; i < y.length; i++) {
      for (int l = 0; l < y.length; l++) {
        sum[i * y.length + l] += y[i] * y[l];
      }
    }
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

  private static double[] mean(double[] x, int columns) {
    double[] mean = new double[columns];
    for (int i = 0; i < x.length; i++) {
      mean[i % columns] += x[i] / (x.length / columns);
    }
    return mean;
  }

  /** Sum of the variances of d columns. */
  private double variance(double[] x, double[] mean, int from) {
    int n = x.length / mean.length;
    double sum = 0;
    for (int q = 0; q < n; q++) {
      for (int c = from; c < from + dim; c++) {
        double difference = x[q * mean.length + c] - mean[c];
        sum += difference * difference / n;
      }
    }
    return sum;
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
