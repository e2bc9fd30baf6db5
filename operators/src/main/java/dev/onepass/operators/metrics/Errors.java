// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.metrics;

/** Converts relative errors to the integers that histograms hold. */
final class Errors {

  private static final double MILLION = 1e6;

  private Errors() {}

  /** Returns an error in parts per million, rounded up, so that only an error of 0 becomes 0. */
  static long ppm(double error) {
    return (long) Math.ceil(error * MILLION);
  }
}
