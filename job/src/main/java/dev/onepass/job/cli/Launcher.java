// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.cli;

import dev.onepass.job.OnepassJob;

/**
 * Main class of {@code java -jar onepass-job.jar}, where Flink's classes are missing. It uses none
 * of them and prints how to start the job. Flink finds {@link OnepassJob} by the manifest's {@code
 * program-class}.
 */
public final class Launcher {

  private Launcher() {}

  /** Prints how to start the job, and exits with status 1. */
  public static void main(String[] args) {
    System.err.println(
        "Onepass runs on a Flink cluster. Submit it with: flink run onepass-job.jar --config job.yaml (for its options: flink run onepass-job.jar --help)");
    System.exit(1);
  }
}
