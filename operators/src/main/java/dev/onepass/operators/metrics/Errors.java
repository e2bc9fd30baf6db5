package dev.onepass.operators.metrics;

/** Relative errors as histograms hold them, in whole numbers. */
final class Errors {

  private static final double MILLION = 1e6;

  private Errors() {}

  /** Parts per million, rounded up, so that only an error of 0 is 0. */
  static long ppm(double error) {
    return (long) Math.ceil(error * MILLION);
  }
}
