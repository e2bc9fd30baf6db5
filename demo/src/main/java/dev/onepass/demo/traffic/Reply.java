// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.traffic;

/** A record of the outputs topic. */
public sealed interface Reply {
  /** Returns the id of the query. */
  String queryId();

  /** Returns the number of accepted tokens of the sequence at that time. */
  long tokens();

  /** Returns whether the sequence was still in exact mode. */
  boolean exact();

  /** Returns {@link System#nanoTime} of the arrival. */
  long nanos();

  /**
   * An answer with attention outputs.
   *
   * @param tokens number of tokens that the answer covers
   * @param outputs query vectors x value dimensions
   * @param error stated error of each query vector; NaN if none is stated
   * @param beyondBound estimated share of the logits of each query vector beyond the bound of the
   *     sketch, 0 to 1; null if the sketch has no bound
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param exact whether the job marks the answer as exact
   * @param timedOut whether the query stopped waiting for tokens because of a timeout
   * @param nanos {@link System#nanoTime} of the arrival
   */
  record Answer(
      String queryId,
      long tokens,
      double[][] outputs,
      double[] error,
      double[] beyondBound,
      int anchorsVersion,
      boolean exact,
      boolean timedOut,
      long nanos)
      implements Reply {}

  /**
   * Statistics of a sequence.
   *
   * @param tokens accepted so far
   * @param stateBytes held for the sequence
   * @param exact whether the sequence is in exact mode
   * @param nanos {@link System#nanoTime} of the arrival
   */
  record Stats(
      String queryId, String sequence, long tokens, long stateBytes, boolean exact, long nanos)
      implements Reply {}
}
