// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import java.io.IOException;

/** A claim about the one-pass algorithm, with its measurement. */
public interface Claim {

  /** Returns the name used on the command line and in file names. */
  String name();

  /** Returns the heading of the printed section. */
  String title();

  /** Returns the claim in one or two sentences. */
  String claim();

  /** Returns a description of the measurement in full sentences. */
  String measured();

  /**
   * Runs the measurement.
   *
   * @param setting sizes, seed and real heads of this run
   * @return the numbers, their plots and a verdict
   * @throws IOException if the data of a real head is missing or too short
   */
  Finding measure(Setting setting) throws IOException;
}
