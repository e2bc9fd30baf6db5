package dev.onepass.sketch.anchors.kriging;

import java.util.Arrays;

/**
 * The error that is stated where the scouts leave some deviation: a bound that holds for 90 % of
 * queries.
 *
 * <p>Among the anchors it grows with the deviation, off them with its square. For what all anchors
 * leave is but a small part of what the scouts leave where the others stand close by, and most of
 * it where all are equally far: a factor found among the anchors says too little elsewhere. The
 * square is on the careful side of what real heads show.
 */
public final class StatedError {

  /** The share of errors that a stated bound must cover. */
  private static final double COVERED = 0.9;

  /** The share of witnesses that lie within the rim of the anchors. */
  private static final double WITHIN = 0.25;

  private final double reference;
  private final double factor;

  /**
   * @param deviations that the scouts leave of the witnesses
   * @param rim the {@link #rim} of these
   * @param misses by how much all other anchors miss each witness
   */
  public StatedError(double[] deviations, double reference, double[] errors) {
    this.reference = reference;
    double[] factors = new double[errors.length];
    for (int w = 0; w < factors.length; w++) {
      factors[w] = errors[w] / grown(deviations[w]);
    }
    factor = quantile(factors, COVERED);
  }

  /** The deviation at the rim of the anchors, by those of witnesses; NaN if there are none. */
  static double referenceDeviation(double[] deviations) {
    return quantile(deviations, WITHIN);
  }

  /** The bound; NaN where there are no witnesses to tell. */
  public double at(double deviation) {
    return factor * grown(deviation);
  }

  private double grown(double deviation) {
    return deviation * Math.max(1, deviation / reference);
  }

  /** The least of some numbers that such a share of them does not exceed; NaN of none. */
  private static double quantile(double[] numbers, double share) {
    if (numbers.length == 0) {
      return Double.NaN;
    }
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
