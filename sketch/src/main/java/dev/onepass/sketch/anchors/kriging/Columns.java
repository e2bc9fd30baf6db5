package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;

/** The first R anchors of a set, laid out for products with many queries. */
public final class Columns {

  private final EmbeddedQueries anchors;
  private final int count;

  /** Coordinates of the anchors times -2, transposed, D x R. */
  private final float[] coordinates;

  private final float[] squareNorms;

  public Columns(EmbeddedQueries anchors, int count) {
    this.anchors = anchors;
    this.count = count;
    int dim = anchors.space().dim();
    coordinates = new float[dim * count];
    squareNorms = new float[count];
    for (int r = 0; r < count; r++) {
      squareNorms[r] = anchors.squareNorm(r);
      for (int e = 0; e < dim; e++) {
        coordinates[e * count + r] = -2 * anchors.x()[r * dim + e];
      }
    }
  }

  EmbeddedQueries anchors() {
    return anchors;
  }

  int count() {
    return count;
  }

  /**
   * Squares of the distances of placed queries to the anchors.
   *
   * @param out receives queries x count
   */
  void squareDistances(EmbeddedQueries queries, float[] out) {
    int n = queries.count();
    for (int q = 0, at = 0; q < n; q++) {
      float square = queries.squareNorm(q);
      for (int r = 0; r < count; r++, at++) {
        out[at] = square + squareNorms[r];
      }
    }
    Kernels.addProduct(queries.x(), n, anchors.space().dim(), coordinates, count, out);
  }

  /** Bytes that the columns of so many anchors take, in a space of so many dims. */
  static long bytes(long count, int dim) {
    return Float.BYTES * count * (dim + 1L);
  }
}
