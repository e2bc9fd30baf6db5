package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Optional;

/**
 * How alike the answers to two queries are before anything is known of the values: a Matern kernel
 * (nu = 5/2) of the distance between them in {@link QuerySpace}, and the overlap of what they
 * attend to.
 *
 * @param length of the Matern kernel, in units of {@link QuerySpace}'s coordinates
 * @param overlap weight of the overlap
 * @param nugget added to the diagonal: what of an answer its neighbours do not tell
 */
public record Kernel(double length, double overlap, double nugget) {

  public static final int BYTES = 3 * Double.BYTES;

  /** After so many attempts to factor, what is added is as much as rounding may take. */
  private static final int FEW_ATTEMPTS = 3;

  /** What one operation of a factorization is off by, relative to the largest number. */
  private static final double ROUNDING = 0x1p-52;

  private static final double ROOT_5 = Math.sqrt(5);

  /** The Matern part, 1 at distance 0. */
  public double matern(double squareDistance) {
    double x = ROOT_5 * Math.sqrt(Math.max(0, squareDistance)) / length;
    return (1 + x + x * x / 3) * Math.exp(-x);
  }

  /**
   * The factor of the covariances of the first {@code count} places, the nugget added. It is made
   * in the place of the covariances.
   *
   * @throws InterruptedWorkException if the thread is interrupted
   * @throws ArithmeticException if there is no factor: a number is not finite
   */
  Cholesky factor(EmbeddedQueries embedded, int count) {
    double[] covariances = new double[count * (count + 1) / 2];
    double largest = covariances(embedded, count, nugget, covariances);
    // Places that lie on one another leave a pivot that rounding may turn negative.
    double added = nugget;
    double jitter = nugget;
    for (int attempt = 0; largest < Double.POSITIVE_INFINITY; attempt++) {
      Optional<Cholesky> factor = Cholesky.factor(count, covariances);
      if (factor.isPresent()) {
        return factor.get();
      }
      if (attempt >= FEW_ATTEMPTS) {
        jitter = Math.max(jitter, count * ROUNDING * largest);
      }
      added += jitter;
      jitter *= 10;
      largest = covariances(embedded, count, added, covariances);
    }
    throw new ArithmeticException(
        "the covariances of anchors by %s are no numbers".formatted(this));
  }

  /**
   * Works covariances out.
   *
   * @param added to the diagonal
   * @param lower receives the lower half, row by row
   * @return the largest on the diagonal; infinite if any covariance is not finite
   */
  private double covariances(EmbeddedQueries embedded, int count, double added, double[] lower) {
    double largest = 0;
    for (int i = 0, at = 0; i < count; i++) {
      InterruptedWorkException.check();
      for (int j = 0; j <= i; j++, at++) {
        lower[at] = embedded.covariance(this, i, embedded, j);
        if (!(Math.abs(lower[at]) <= Double.MAX_VALUE)) {
          return Double.POSITIVE_INFINITY;
        }
      }
      lower[at - 1] += added;
      largest = Math.max(largest, lower[at - 1]);
    }
    return largest;
  }

  public void write(WireWriter out) {
    out.putDouble(length);
    out.putDouble(overlap);
    out.putDouble(nugget);
  }

  public static Kernel read(WireReader in) {
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
