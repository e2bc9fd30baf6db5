package dev.onepass.sketch.anchors;

import dev.onepass.sketch.QueryBlock;
import java.util.Arrays;

/**
 * What is known at the first R anchors of a set, spread over query space. Columns are the
 * coordinates of an output and, last, a log-normalizer, each less what is expected of it anyhow.
 */
public final class Interpolation {

  /** The share of errors that a stated bound must cover. */
  private static final double COVERED = 0.9;

  private final AnchorSet set;
  private final Kriging kriging;
  private final double[] known;
  private final int columns;
  private final double outputFactor;
  private final double logDenFactor;
  private double[] weights;
  private double[] centreWeights;

  /**
   * Makes one; waits until the set is factored for so many anchors.
   *
   * @param kernel number of one of the set's kernels
   * @param known count x columns, row-major; not copied
   */
  public Interpolation(AnchorSet set, int kernel, int count, double[] known, int columns) {
    this.set = set;
    this.known = known;
    this.columns = columns;
    this.kriging = set.kriging(kernel, count);
    outputFactor = factor(0, columns - 1);
    logDenFactor = factor(columns - 1, columns);
  }

  /** What is left out of the anchors, and how much it is missed by, tells how to trust the rest. */
  private double factor(int from, int to) {
    double[] misses = new double[kriging.witnesses()];
    Arrays.setAll(misses, w -> kriging.leaveOneOut(w, known, columns, from, to));
    Arrays.sort(misses);
    int at = (int) Math.ceil(COVERED * misses.length) - 1;
    return misses.length == 0 ? Double.NaN : misses[Math.max(0, at)];
  }

  /**
   * What interpolation says of one query.
   *
   * @param columns as those known
   * @param guess log-normalizer of the query over the set's own centres of keys
   * @param outputError bound on the error of the output that holds for 90 % of queries; NaN where
   *     there are too few anchors to tell
   * @param logDenError the same for the log-normalizer
   */
  public record Estimate(double[] columns, double guess, double outputError, double logDenError) {}

  /** Estimates for several queries. */
  public Estimate[] at(QueryBlock queries) {
    Places places = Places.of(set.space(), queries.vectors(), queries.count(), queries.scale());
    // To weigh the anchors for a query takes a solution of its own; to weigh the queries for all
    // anchors, one for each column.
    boolean many = weights != null || queries.count() > columns / 2;
    if (many && weights == null) {
      prepare();
    }
    Estimate[] estimates = new Estimate[queries.count()];
    for (int q = 0; q < estimates.length; q++) {
      double[] column = many ? prepared(places, q) : solved(places, q);
      double deviation = kriging.deviation(places, q);
      estimates[q] =
          new Estimate(
              column,
              places.logNormalizers()[q],
              outputFactor * deviation,
              logDenFactor * deviation);
    }
    return estimates;
  }

  private void prepare() {
    weights = known.clone();
    kriging.solve(weights, columns);
    int m = set.space().centreCount();
    centreWeights = new double[kriging.overlapWeight() == 0 ? 0 : m * columns];
    float[] features = kriging.anchors().features();
    for (int c = 0; c < centreWeights.length / columns; c++) {
      for (int r = 0; r < kriging.count(); r++) {
        double factor = kriging.overlapWeight() * features[r * m + c];
        for (int i = 0; i < columns; i++) {
          centreWeights[c * columns + i] += factor * weights[r * columns + i];
        }
      }
    }
  }

  private double[] prepared(Places places, int q) {
    double[] covariances = new double[kriging.count()];
    kriging.maternCovariances(places, q, covariances);
    double[] sum = new double[columns];
    for (int r = 0; r < covariances.length; r++) {
      addRow(covariances[r], weights, r, sum);
    }
    int m = set.space().centreCount();
    for (int c = 0; c < centreWeights.length / columns; c++) {
      addRow(places.features()[q * m + c], centreWeights, c, sum);
    }
    return sum;
  }

  private void addRow(double factor, double[] rows, int row, double[] sum) {
    for (int i = 0, a = row * columns; i < columns; i++, a++) {
      sum[i] += factor * rows[a];
    }
  }

  private double[] solved(Places places, int q) {
    double[] share = new double[kriging.count()];
    kriging.covariances(places, q, share);
    kriging.solve(share);
    double[] result = new double[columns];
    for (int r = 0; r < share.length; r++) {
      addRow(share[r], known, r, result);
    }
    return result;
  }
}
