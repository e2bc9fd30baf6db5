// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * The space in which queries are compared by what they attend to. Weighted centres c of the past
 * keys of a head give the attention of a query, p_c = softmax(ln n_c + q.c), with n_c the number of
 * keys at the centre. From the attention follow
 *
 * <ul>
 *   <li>the D coordinates of the query, {@code q B + sum_c p_c X_c}: principal directions of the
 *       query in the metric of the covariance of keys under attention (the Fisher metric of p), and
 *       of the whitened mean key that it attends to (the gradient of ln den, the dual coordinate of
 *       q; Amari, Information Geometry and Its Applications, 2016);
 *   <li>the overlap {@code sum_c p_c p'_c / n_c} of the attention of two queries: the covariance of
 *       their answers if values were noise given the keys;
 *   <li>the log-normalizer of p, which approximates the log-normalizer of the query up to a
 *       constant.
 * </ul>
 *
 * Query vectors include the scale of the logits. Immutable and safe for use by several threads.
 */
public final class QuerySpace {

  /**
   * Maximum number of centres in bytes that are read: many times what a fit makes. Embedding a
   * query takes time for each of them.
   */
  private static final int MOST_CENTRES = 4096;

  /** Maximum ln count in bytes that are read. */
  private static final float MOST_LOG_COUNT = 64;

  /**
   * Maximum scale of overlaps in bytes that are read. Overlaps are at least 1 over the number of
   * keys.
   */
  private static final double MOST_OVERLAP_SCALE = 1e9;

  /** Maximum magnitude of a coordinate, so that sums of square distances stay finite in float. */
  private static final float FARTHEST = (float) 1e15;

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

  /** Expected largest of n_c standard normal logits: sqrt(2 ln n_c). */
  private final float[] reaches;

  /**
   * Makes a space. Keeps the arrays without copying them.
   *
   * @param keyDim length d of a query vector
   * @param dim coordinates D of a query
   * @param centres centres of keys, M x d, row-major
   * @param logCounts ln n_c, M numbers
   * @param spreads mean square distance of the keys of each centre from it, relative to the mean
   *     over all keys, M numbers
   * @param scatterRoot a root of the scatter S of keys about their centres, d x d: |q root|^2 =
   *     q'Sq
   * @param queryAxes B, d x D
   * @param keyAxes X, M x D
   * @param overlapScale root of the factor that overlaps are multiplied by, chosen so that the mean
   *     overlap of a query with itself is 1
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

  /** Returns the number D of coordinates of a query. */
  public int dim() {
    return dim;
  }

  /** Returns the number M of centres. */
  public int centreCount() {
    return logCounts.length;
  }

  /** Returns the length d of a query vector. */
  public int keyDim() {
    return keyDim;
  }

  /**
   * Returns the weight of each centre in overlaps, by which the product of two queries' attention
   * to the centre is multiplied; M numbers, not a copy.
   */
  public double[] overlapWeights() {
    return overlapWeights;
  }

  /**
   * Returns the number of multiplications, each with an addition, that embedding one query takes.
   */
  public int multiplyAdds() {
    int m = logCounts.length;
    return keyDim * (1 + m + keyDim + dim) + 3 * m + m * dim;
  }

  /**
   * Embeds queries.
   *
   * @param queries query vectors, count x d, row-major
   * @param count number of queries
   * @param scratch work array, count x d
   * @param x receives the coordinates, count x D
   * @param attention receives the attention p, count x M
   * @param logNormalizers receives the log-normalizers over the centres, count numbers
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
    // ln n_c, plus the contribution of the scatter of keys about a centre. For normal logits of
    // deviation s that is s^2 / 2, up to sqrt(2 ln n_c), the expected largest of n_c logits. Beyond
    // that, it grows linearly.
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

  /** Returns the root of q'Sq. */
  private float deviation(float[] rooted, int q) {
    double square = Floats.squareSum(rooted, q * keyDim, keyDim);
    return (float) Math.min(Float.MAX_VALUE, Math.sqrt(square));
  }

  /** Returns the bytes of the floats of a space. */
  private static long floatBytes(int keyDim, int dim, int centres) {
    return Float.BYTES
        * (centres * (keyDim + 2L + dim) + (long) keyDim * keyDim + (long) keyDim * dim);
  }

  /** Returns the bytes that {@link #write} writes. */
  public long bytes() {
    return 2 * Integer.BYTES + Double.BYTES + floatBytes(keyDim, dim, logCounts.length);
  }

  /**
   * Writes the space; {@link dev.onepass.sketch.anchors.AnchorSet} shows the layout.
   *
   * @param out receives {@link #bytes} bytes
   */
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
   * @param in reader at the start of the space
   * @param keyDim length d of a query vector
   * @param anchors number of anchors of the set
   * @param kernels number of kernels of the set
   * @throws CorruptSketchException if the bytes are not a space, or if the set would take too much
   *     memory
   */
  public static QuerySpace read(WireReader in, int keyDim, int anchors, int kernels) {
    int dim = in.getInt("coordinates", 1, 2 * keyDim);
    return read(in, keyDim, dim, anchors, kernels, Axes.MIXED);
  }

  /**
   * Reads a space of an anchor set of format 1, whose coordinates are d of the query, followed by d
   * of the keys.
   *
   * @param in reader at the start of the space
   * @param keyDim length d of a query vector
   * @param anchors number of anchors of the set
   * @param kernels number of kernels of the set
   * @throws CorruptSketchException if the bytes are not a space, or if the set would take too much
   *     memory
   */
  public static QuerySpace readFormat1(WireReader in, int keyDim, int anchors, int kernels) {
    return read(in, keyDim, 2 * keyDim, anchors, kernels, Axes.APART);
  }

  /**
   * Whether every coordinate mixes the query and its attention, or the coordinates of the query
   * come first.
   */
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
      throw new CorruptSketchException(
          "overlap scale is %s, not in (0, %s]".formatted(overlapScale, MOST_OVERLAP_SCALE));
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
            "centre %d has ln count %s and spread %s; expected ln count 0 to %s, spread at least 0"
                .formatted(c, logCounts[c], spreads[c], MOST_LOG_COUNT));
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

  /**
   * Copies rows of length {@code from} into rows of zeros of length {@code to}, starting at column
   * {@code at}.
   */
  private static float[] padded(float[] rows, int from, int to, int at) {
    int count = rows.length / from;
    float[] padded = new float[count * to];
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, r * from, padded, r * to + at, from);
    }
    return padded;
  }
}
