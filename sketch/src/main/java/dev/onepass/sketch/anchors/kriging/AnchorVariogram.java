package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.simd.Kernels;

/**
 * How near queries are to the first R anchors by a kernel. That is all that answers take once the
 * weights of the anchors are worked out, and a small part of what working them out takes ({@link
 * Kriging}). So whoever answers holds this and not the factor.
 */
public final class AnchorVariogram {

  /** Anchors whose variance stands for that of all, at most. */
  private static final int SUBSET = 64;

  private final Columns columns;
  private final Kernel kernel;
  private final SubsetVariance subset;

  public AnchorVariogram(Columns columns, Kernel kernel) {
    this.columns = columns;
    this.kernel = kernel;
    subset = new SubsetVariance(columns.anchors(), kernel, subsetSize(columns.count()));
  }

  public Columns columns() {
    return columns;
  }

  public Kernel kernel() {
    return kernel;
  }

  public EmbeddedQueries anchors() {
    return columns.anchors();
  }

  /** Anchors R that are used. */
  public int count() {
    return columns.count();
  }

  /**
   * What the Matern part of placed queries' covariances lacks to 1. Interpolation from smooth
   * functions weighs anchors against each other by large weights: floats next to 1 would be too
   * coarse for them.
   *
   * @param out receives queries x count
   */
  public void variograms(EmbeddedQueries queries, float[] out) {
    columns.squareDistances(queries, out);
    Kernels.maternVariogram(out, queries.count() * count(), kernel.length());
  }

  /**
   * Roots of the variances that the scouts leave of queries' answers, in units of those that
   * nothing is known of.
   *
   * @param variograms of the queries, queries x count
   * @param out receives one a query
   */
  public void deviations(float[] variograms, int queries, double[] out) {
    subset.deviations(variograms, queries, count(), out);
  }

  /** Multiplications that variograms and a deviation take for one query, each with an addition. */
  public int multiplyAdds() {
    return anchors().space().dim() * (count() + 1) + subset.multiplyAdds();
  }

  /** Of so many anchors the first ones, whose variance stands for that of all. */
  static int subsetSize(int count) {
    return Math.min(SUBSET, (count + 1) / 2);
  }

  /** Bytes for so many anchors in a space of so many dims. */
  static long bytes(long count, int dim) {
    return Columns.bytes(count, dim) + SubsetVariance.bytes(SUBSET);
  }
}
