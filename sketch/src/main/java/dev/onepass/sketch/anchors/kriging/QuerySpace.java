package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Where queries lie, seen by what they attend to. Weighted centres c of the head's past keys give
 * the attention of a query, p_c = softmax(ln n_c + q.c), and from it
 *
 * <ul>
 *   <li>its D coordinates {@code q B + sum_c p_c X_c}: principal directions of the query in the
 *       metric of the keys' covariance under attention (the Fisher metric of p), and of the mean
 *       key it attends to (the gradient of ln den, the dual coordinate of q), whitened;
 *   <li>the overlap {@code sum_c p_c p'_c / n_c} of two queries' attention: the covariance of their
 *       answers if values were noise given the keys;
 *   <li>the log-normalizer of p, a first guess of its log-normalizer up to a constant.
 * </ul>
 *
 * Queries carry the scale of the logits.
 */
public final class QuerySpace {

  /** Of bytes that are read: many times as many as are ever made. Every query meets all of them. */
  private static final int MOST_CENTRES = 4096;

  /** Of bytes that are read: ln of more keys than there can be. */
  private static final float MOST_LOG_COUNT = 64;

  /** Of bytes that are read: overlaps are at least one over the number of keys. */
  private static final double MOST_OVERLAP_SCALE = 1e9;

  /** No coordinate lies farther out, so that sums of square distances stay floats. */
  private static final float FARTHEST = 1e15f;

  private final int keyDim;
  private final int dim;
  private final float[] centres;
  private final float[] logCounts;
  private final float[] spreads;
  private final float[] scatterRoot;
  private final float[] queryAxes;
  private final float[] keyAxes;
  private final double overlapScale;

  /** The centres transposed, d x M. */
  private final float[] centreColumns;

  private final double[] overlapWeights;
  private final float[] spreadRoots;

  /** Deviations of n_c normal logits to the largest of them: sqrt(2 ln n_c). */
  private final float[] reaches;

  /**
   * @param dim coordinates D of a query
   * @param centres M x d
   * @param logCounts ln n_c, M
   * @param spreads M
   * @param scatterRoot a root of S, d x d: |q root|^2 = q'Sq
   * @param queryAxes B, d x D
   * @param keyAxes X, M x D
   * @param overlapScale root of what overlaps are multiplied with, so that a typical overlap with
   *     itself is 1
   */
  public QuerySpace(
      int keyDim,
      int dim,
      float[] centres,
      float[] logCounts,
      float[] spreads,
      float[] scatterRoot,
      float[] queryAxes,
      float[] keyAxes,
      double overlapScale) {
    this.keyDim = keyDim;
    this.dim = dim;
    this.centres = centres;
    this.logCounts = logCounts;
    this.spreads = spreads;
    this.scatterRoot = scatterRoot;
    this.queryAxes = queryAxes;
    this.keyAxes = keyAxes;
    this.overlapScale = overlapScale;
    int m = logCounts.length;
    centreColumns = new float[m * keyDim];
    spreadRoots = new float[m];
    reaches = new float[m];
    overlapWeights = new double[m];
    for (int c = 0; c < m; c++) {
      overlapWeights[c] = overlapScale * overlapScale * Math.exp(-logCounts[c]);
      spreadRoots[c] = (float) Math.sqrt(spreads[c]);
      reaches[c] = (float) Math.sqrt(2.0 * logCounts[c]);
      for (int i = 0; i < keyDim; i++) {
        centreColumns[i * m + c] = centres[c * keyDim + i];
      }
    }
  }

  /** Coordinates D of a query. */
  public int dim() {
    return dim;
  }

  public int centreCount() {
    return logCounts.length;
  }

  public int keyDim() {
    return keyDim;
  }

  /** What the products of two queries' attention to each centre count in their overlap; no copy. */
  public double[] overlapWeights() {
    return overlapWeights;
  }

  /** Multiplications that placing a query takes, each with an addition. */
  public int multiplyAdds() {
    int m = logCounts.length;
    return keyDim * (1 + m + keyDim + dim) + 3 * m + m * dim;
  }

  /**
   * Places queries.
   *
   * @param queries count x d
   * @param scratch count x d
   * @param x receives count x dim() coordinates
   * @param attention receives p, count x centreCount()
   * @param logNormalizers receives those over the centres, count
   */
  void embed(
      float[] queries,
      int count,
      float[] scratch,
      float[] x,
      float[] attention,
      float[] logNormalizers) {
    int m = logCounts.length;
    Arrays.fill(scratch, 0, count * keyDim, 0);
    Kernels.addProduct(queries, count, keyDim, scatterRoot, keyDim, scratch);
    float[] deviations = new float[count];
    for (int q = 0; q < count; q++) {
      deviations[q] = deviation(scratch, q);
    }
    // ln n_c and what the scatter of the keys about a centre adds: s^2 / 2 for the deviation s of
    // their logits, as if they were normal, up to the sqrt(2 ln n_c) where n logits end, and linear
    // beyond.
    Kernels.logMasses(deviations, count, logCounts, spreadRoots, reaches, attention);
    Kernels.addProduct(queries, count, keyDim, centreColumns, m, attention);
    Kernels.softmaxRows(attention, count, m, logNormalizers);
    Arrays.fill(x, 0, count * dim, 0);
    Kernels.addProduct(queries, count, keyDim, queryAxes, dim, x);
    Kernels.addProduct(attention, count, m, keyAxes, dim, x);
    for (int i = 0; i < count * dim; i++) {
      x[i] = Floats.within(x[i], FARTHEST);
    }
  }

  /** Root of q'Sq. */
  private float deviation(float[] rooted, int q) {
    double square = Floats.squareSum(rooted, q * keyDim, keyDim);
    return (float) Math.min(Float.MAX_VALUE, Math.sqrt(square));
  }

  /** Bytes of the floats of a space. */
  private static long floatBytes(int keyDim, int dim, int centres) {
    return Float.BYTES
        * (centres * (keyDim + 2L + dim) + (long) keyDim * keyDim + (long) keyDim * dim);
  }

  /** Bytes of the space. */
  public long bytes() {
    return 2 * Integer.BYTES + Double.BYTES + floatBytes(keyDim, dim, logCounts.length);
  }

  public void write(WireWriter out) {
    out.putInt(dim);
    out.putInt(logCounts.length);
    out.putDouble(overlapScale);
    out.putFloats(centres, centres.length);
    out.putFloats(logCounts, logCounts.length);
    out.putFloats(spreads, spreads.length);
    out.putFloats(scatterRoot, scatterRoot.length);
    out.putFloats(queryAxes, queryAxes.length);
    out.putFloats(keyAxes, keyAxes.length);
  }

  /**
   * Reads a space.
   *
   * @param anchors of the set
   * @param kernels of the set
   * @throws CorruptSketchException if there is none, or if the set would take too much memory
   */
  public static QuerySpace read(WireReader in, int keyDim, int anchors, int kernels) {
    int dim = in.getInt("coordinates", 1, 2 * keyDim);
    return read(in, keyDim, dim, anchors, kernels, Axes.MIXED);
  }

  /**
   * Reads a space of anchor sets of format 1, whose coordinates are d of the query and d of keys.
   */
  public static QuerySpace readFormat1(WireReader in, int keyDim, int anchors, int kernels) {
    return read(in, keyDim, 2 * keyDim, anchors, kernels, Axes.APART);
  }

  /** Whether the coordinates mix the query and what it attends to, or first come the query's. */
  private enum Axes {
    MIXED,
    APART
  }

  private static QuerySpace read(
      WireReader in, int keyDim, int dim, int anchors, int kernels, Axes axes) {
    int centres = in.getInt("centres", 1, MOST_CENTRES);
    SetSizes sizes = new SetSizes(keyDim, dim, centres, anchors, kernels);
    if (!sizes.areBounded()) {
      throw new CorruptSketchException(sizes.toString());
    }
    double overlapScale = in.getDouble();
    if (!(overlapScale > 0 && overlapScale <= MOST_OVERLAP_SCALE)) {
      throw new CorruptSketchException("the scale of overlaps is " + overlapScale);
    }
    int axesRead = axes == Axes.MIXED ? dim : keyDim;
    in.require(floatBytes(keyDim, axesRead, centres));
    float[] centreRows = in.getFloats(centres * keyDim);
    float[] logCounts = in.getFloats(centres);
    float[] spreads = in.getFloats(centres);
    float[] scatterRoot = in.getFloats(keyDim * keyDim);
    float[] queryAxes = in.getFloats(keyDim * axesRead);
    float[] keyAxes = in.getFloats(centres * axesRead);
    for (int c = 0; c < centres; c++) {
      if (!(logCounts[c] >= 0 && logCounts[c] <= MOST_LOG_COUNT && spreads[c] >= 0)) {
        throw new CorruptSketchException(
            "centre %d has ln count %s, spread %s".formatted(c, logCounts[c], spreads[c]));
      }
    }
    return new QuerySpace(
        keyDim,
        dim,
        centreRows,
        logCounts,
        spreads,
        scatterRoot,
        axes == Axes.MIXED ? queryAxes : padded(queryAxes, keyDim, dim, 0),
        axes == Axes.MIXED ? keyAxes : padded(keyAxes, keyDim, dim, keyDim),
        overlapScale);
  }

  /** Rows of length {@code from}, put {@code at} some place of rows of zeros. */
  private static float[] padded(float[] rows, int from, int to, int at) {
    int count = rows.length / from;
    float[] padded = new float[count * to];
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, r * from, padded, r * to + at, from);
    }
    return padded;
  }
}
