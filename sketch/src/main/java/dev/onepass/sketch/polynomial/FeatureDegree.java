// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;

/**
 * The degree of the features for a configuration. It follows from a bound B on |logit| and a
 * tolerance eps: the smallest even degree with {@code |P(x) - e^x| <= eps e^x} on [-B, B]. If the
 * bytes do not hold it, the highest even degree that fits is used, unless {@link #DEGRADE} forbids
 * that.
 *
 * @param wanted the degree that bound and tolerance require
 * @param degree the degree that the bytes hold; 0 if not even degree 2 fits
 * @param bound largest |logit|, relative to the mean key, up to which that degree is within the
 *     tolerance
 * @param tolerance relative error of exp within the bound
 */
public record FeatureDegree(int wanted, int degree, double bound, double tolerance) {

  /**
   * Parameter: bound on |logit|, relative to the mean key, for which the polynomial is chosen. In
   * (0, 30]; default 1.
   */
  public static final String LOGIT_BOUND = "onepass.logit-bound";

  /** Parameter: relative error of exp within the bound. In (0, 1); default 0.01. */
  public static final String TOLERANCE = "onepass.tolerance";

  /**
   * Parameter: whether the family uses less than was requested if the bytes do not hold it ({@code
   * true}, the default), or refuses the configuration ({@code false}).
   */
  public static final String DEGRADE = "onepass.degrade";

  /** Tells whether the bytes hold the features of a degree. */
  @FunctionalInterface
  public interface Fit {
    /**
     * Returns whether the bytes hold the features of a degree.
     *
     * @param degree even, at least 2
     * @throws UnfitConfigException if a parameter is out of range
     */
    boolean test(int degree) throws UnfitConfigException;
  }

  private static final double DEFAULT_BOUND = 1;
  private static final double DEFAULT_TOLERANCE = 0.01;

  /**
   * Chooses the degree.
   *
   * @param config bytes and parameters
   * @param fits tells whether the bytes hold a degree
   * @throws UnfitConfigException if a parameter is out of range, or if the wanted degree does not
   *     fit and must not be degraded
   */
  public static FeatureDegree choose(SketchConfig config, Fit fits) throws UnfitConfigException {
    double bound = config.number(LOGIT_BOUND, DEFAULT_BOUND);
    double tolerance = config.number(TOLERANCE, DEFAULT_TOLERANCE);
    if (!(bound > 0 && bound <= 30)) {
      throw new UnfitConfigException(LOGIT_BOUND + " must lie in (0, 30], not " + bound);
    }
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new UnfitConfigException(TOLERANCE + " must lie in (0, 1), not " + tolerance);
    }
    int wanted = TaylorPolynomial.degreeFor(bound, tolerance);
    int degree = wanted;
    while (degree >= 2 && !fits.test(degree)) {
      degree -= 2;
    }
    if (degree < wanted && !mayDegrade(config)) {
      throw new UnfitConfigException(
          "degree %d, which %s = %s and %s = %s require, does not fit into the %d bytes available; use a smaller bound, a larger tolerance, or %s = true"
              .formatted(
                  wanted, LOGIT_BOUND, bound, TOLERANCE, tolerance, config.maxBytes(), DEGRADE));
    }
    return new FeatureDegree(
        wanted, degree, degree < 2 ? 0 : TaylorPolynomial.boundFor(degree, tolerance), tolerance);
  }

  /**
   * Reads {@link #DEGRADE}.
   *
   * @param config bytes and parameters
   * @throws UnfitConfigException if it is neither true nor false
   */
  public static boolean mayDegrade(SketchConfig config) throws UnfitConfigException {
    String text = config.parameters().getOrDefault(DEGRADE, "true").trim();
    if (!text.equals("true") && !text.equals("false")) {
      throw new UnfitConfigException(DEGRADE + " must be true or false, not '" + text + "'");
    }
    return text.equals("true");
  }

  /** Describes the degree for a log, and the wanted degree if it differs. */
  public String describe() {
    return "degree %d%s"
        .formatted(
            degree,
            degree < wanted
                ? " (%d was wanted, the state size does not hold it)".formatted(wanted)
                : "");
  }
}
