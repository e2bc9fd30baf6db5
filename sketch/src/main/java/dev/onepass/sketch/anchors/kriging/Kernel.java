// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.numerics.Cholesky;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Optional;

/**
 * The prior covariance between the answers to two queries: a Matern kernel (nu = 5/2) of their
 * distance in {@link QuerySpace}, plus the overlap of their attention (Rasmussen and Williams,
 * Gaussian Processes for Machine Learning, 2006, section 4.2.1).
 *
 * @param length length scale of the Matern kernel, in units of the coordinates of {@link
 *     QuerySpace}
 * @param overlap weight of the overlap, at least 0
 * @param nugget added to the diagonal: the variance of an answer that its neighbours cannot explain
 */
public record Kernel(double length, double overlap, double nugget) {

  /** Bytes of a kernel in an anchor set. */
  public static final int BYTES = 3 * Double.BYTES;

  /**
   * After this many failed attempts, the jitter is at least the rounding error of a factorization.
   */
  private static final int FEW_ATTEMPTS = 3;

  /** Rounding error of one operation of a factorization, relative to the largest entry. */
  private static final double ROUNDING = 0x1p-52;

  private static final double ROOT_5 = Math.sqrt(5);

  /**
   * Returns the Matern part of the covariance, 1 at distance 0.
   *
   * @param squareDistance square distance of two queries, in squares of the coordinates' unit
   */
  public double matern(double squareDistance) {
    return matern(squareDistance, length);
  }

  /**
   * Returns the Matern kernel (nu = 5/2), 1 at distance 0.
   *
   * @param squareDistance square distance of two queries
   * @param length length scale, above 0
   */
  public static double matern(double squareDistance, double length) {
    double x = ROOT_5 * Math.sqrt(Math.max(0, squareDistance)) / length;
    return (1 + x + x * x / 3) * Math.exp(-x);
  }

  /** Returns the same kernel without the overlap. */
  Kernel withoutOverlap() {
    return new Kernel(length, 0, nugget);
  }

  /**
   * Factors the covariances of the first {@code count} queries with the nugget added. The factor
   * overwrites the covariances. Adds more to the diagonal until the factorization succeeds.
   *
   * @throws InterruptedWorkException if the thread is interrupted
   * @throws UnfactorableCovarianceException if a covariance is not finite
   */
  Cholesky factor(EmbeddedQueries embedded, int count) {
    double[] covariances = new double[count * (count + 1) / 2];
    double largest = covariances(embedded, count, nugget, covariances);
    // Queries at the same point leave a pivot that rounding may turn negative.
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
    throw new UnfactorableCovarianceException(this);
  }

  /**
   * Computes covariances.
   *
   * @param added value added to the diagonal
   * @param lower receives the lower triangle, row by row
   * @return the largest diagonal entry; infinity if a covariance is not finite
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

  /**
   * Writes {@link #BYTES} bytes: length, overlap and nugget.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    out.putDouble(length);
    out.putDouble(overlap);
    out.putDouble(nugget);
  }

  /**
   * Reads a kernel.
   *
   * @param in reader at the start of the kernel
   * @return the kernel
   * @throws CorruptSketchException if a parameter is out of range
   */
  public static Kernel read(WireReader in) {
    Kernel kernel = new Kernel(in.getDouble(), in.getDouble(), in.getDouble());
    // Far wider than any fit needs. Within these ranges, covariances are finite and can be
    // factored.
    if (!(isBetween(kernel.length, 1e-6, 1e6)
        && isBetween(kernel.overlap, 0, 1e6)
        && isBetween(kernel.nugget, 1e-12, 1e6))) {
      throw new CorruptSketchException(
          "%s is out of range; expected length 1e-6 to 1e6, overlap 0 to 1e6, nugget 1e-12 to 1e6"
              .formatted(kernel));
    }
    return kernel;
  }

  private static boolean isBetween(double x, double least, double most) {
    return x >= least && x <= most;
  }
}
