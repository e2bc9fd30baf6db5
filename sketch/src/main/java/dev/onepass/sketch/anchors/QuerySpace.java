package dev.onepass.sketch.anchors;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Where queries lie, seen by what they attend to. Weighted centres c of the head's past keys give
 * the attention of a query, p_c = softmax(ln n_c + q.c), and from it
 *
 * <ul>
 *   <li>its 2 d coordinates {@code (q B, sum_c p_c X_c)}: the query in the metric of the keys'
 *       covariance under attention (the Fisher metric of p), and the mean key it attends to (the
 *       gradient of ln den, the dual coordinate of q), whitened;
 *   <li>its features {@code f_c = p_c / sqrt(n_c)}, whose products are the overlap of two queries'
 *       attention: the covariance of their answers if values were noise given the keys;
 *   <li>the log-normalizer of p, a first guess of its log-normalizer up to a constant.
 * </ul>
 *
 * Queries carry the scale of the logits.
 */
final class QuerySpace {

  private final int keyDim;
  private final float[] centres;
  private final float[] logCounts;
  private final float[] spreads;
  private final float[] scatterRoot;
  private final float[] queryAxes;
  private final float[] keyAxes;
  private final double overlapScale;

  /**
   * @param centres M x d
   * @param logCounts ln n_c, M
   * @param spreads M
   * @param scatterRoot a root of S, d x d: |q root|^2 = q'Sq
   * @param queryAxes B, d x d
   * @param keyAxes X, M x d
   * @param overlapScale what features are multiplied with, so that a typical overlap with itself is
   *     1
   */
  QuerySpace(
      int keyDim,
      float[] centres,
      float[] logCounts,
      float[] spreads,
      float[] scatterRoot,
      float[] queryAxes,
      float[] keyAxes,
      double overlapScale) {
    this.keyDim = keyDim;
    this.centres = centres;
    this.logCounts = logCounts;
    this.spreads = spreads;
    this.scatterRoot = scatterRoot;
    this.queryAxes = queryAxes;
    this.keyAxes = keyAxes;
    this.overlapScale = overlapScale;
  }

  /** Coordinates of a query, 2 d. */
  int dim() {
    return 2 * keyDim;
  }

  int centreCount() {
    return logCounts.length;
  }

  int keyDim() {
    return keyDim;
  }

  /**
   * Places one query.
   *
   * @param query holds it from {@code offset} on
   * @param scale multiplied into it
   * @param x receives dim() coordinates from {@code xOffset} on
   * @param features receives centreCount() features from {@code fOffset} on; used as scratch
   * @return the log-normalizer over the centres
   */
  double place(
      float[] query,
      int offset,
      double scale,
      float[] x,
      int xOffset,
      float[] features,
      int fOffset) {
    int m = logCounts.length;
    float[] q = new float[keyDim];
    for (int i = 0; i < keyDim; i++) {
      q[i] = finite(query[offset + i] * scale);
    }
    double[] mass = new double[m];
    double max = logMasses(q, mass);
    double sum = 0;
    for (int c = 0; c < m; c++) {
      mass[c] = Math.exp(mass[c] - max);
      sum += mass[c];
    }
    double[] position = new double[dim()];
    for (int i = 0; i < keyDim; i++) {
      addRow(q[i], queryAxes, i, position, 0);
    }
    for (int c = 0; c < m; c++) {
      double p = mass[c] / sum;
      addRow(p, keyAxes, c, position, keyDim);
      features[fOffset + c] = (float) (p * Math.exp(-0.5 * logCounts[c]) * overlapScale);
    }
    for (int e = 0; e < position.length; e++) {
      x[xOffset + e] = (float) Math.max(-FARTHEST, Math.min(FARTHEST, position[e]));
    }
    return max + Math.log(sum);
  }

  /** Fills in ln n_c + q.c + s_c^2 / 2 and gives the largest. */
  private double logMasses(float[] q, double[] mass) {
    double scatter = scatterAlong(q);
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < mass.length; c++) {
      double dot = 0;
      for (int i = 0, k = c * keyDim; i < keyDim; i++, k++) {
        dot += (double) q[i] * centres[k];
      }
      double square = scatter * spreads[c];
      double reach = 2.0 * logCounts[c];
      double growth = square <= reach ? square / 2 : Math.sqrt(square * reach) - reach / 2;
      mass[c] = dot + logCounts[c] + growth;
      max = Math.max(max, mass[c]);
    }
    return max;
  }

  /** q'Sq. */
  private double scatterAlong(float[] q) {
    double sum = 0;
    for (int c = 0; c < keyDim; c++) {
      double along = 0;
      for (int i = 0; i < keyDim; i++) {
        along += (double) q[i] * scatterRoot[i * keyDim + c];
      }
      sum += along * along;
    }
    return sum;
  }

  /** Of bytes that are read: ln of more keys than there can be. */
  private static final float MOST_LOG_COUNT = 64;

  /** Of bytes that are read: overlaps are at least one over the number of keys. */
  private static final double MOST_OVERLAP_SCALE = 1e9;

  /** No coordinate lies farther out, so that square distances stay finite. */
  private static final float FARTHEST = 1e30f;

  private void addRow(double factor, float[] rows, int row, double[] position, int from) {
    for (int e = 0, i = row * keyDim; e < keyDim; e++, i++) {
      position[from + e] += factor * rows[i];
    }
  }

  private static float finite(double number) {
    return number != number
        ? 0
        : (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, number));
  }

  static long bytes(int keyDim, int centres) {
    return Integer.BYTES
        + Double.BYTES
        + Float.BYTES * (2L * centres * (keyDim + 1) + 2L * keyDim * keyDim);
  }

  long bytes() {
    return bytes(keyDim, logCounts.length);
  }

  void write(WireWriter out) {
    out.putInt(logCounts.length);
    out.putDouble(overlapScale);
    out.putFloats(centres, centres.length);
    out.putFloats(logCounts, logCounts.length);
    out.putFloats(spreads, spreads.length);
    out.putFloats(scatterRoot, scatterRoot.length);
    out.putFloats(queryAxes, queryAxes.length);
    out.putFloats(keyAxes, keyAxes.length);
  }

  static QuerySpace read(WireReader in, int keyDim) {
    int centres = in.getInt("centres", 1, AnchorSet.MAX_ANCHORS);
    double overlapScale = in.getDouble();
    if (!(overlapScale > 0 && overlapScale <= MOST_OVERLAP_SCALE)) {
      throw new CorruptSketchException("the scale of overlaps is " + overlapScale);
    }
    in.require(bytes(keyDim, centres) - Integer.BYTES - Double.BYTES);
    QuerySpace space =
        new QuerySpace(
            keyDim,
            in.getFloats(centres * keyDim),
            in.getFloats(centres),
            in.getFloats(centres),
            in.getFloats(keyDim * keyDim),
            in.getFloats(keyDim * keyDim),
            in.getFloats(centres * keyDim),
            overlapScale);
    for (int c = 0; c < centres; c++) {
      float logCount = space.logCounts[c];
      if (!(logCount >= 0 && logCount <= MOST_LOG_COUNT && space.spreads[c] >= 0)) {
        throw new CorruptSketchException(
            "centre %d has ln count %s, spread %s".formatted(c, logCount, space.spreads[c]));
      }
    }
    return space;
  }
}
