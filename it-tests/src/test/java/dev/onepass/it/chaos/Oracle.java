// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.testkit.records.Vectors;

/** Exact attention in double precision, computed directly from its definition. */
final class Oracle {

  /** Largest error that exact sequences promise, relative to rms |v|. */
  private static final double BOUND = 1e-5;

  private Oracle() {}

  /**
   * Tells whether an answer differs from exact attention over the first tokens of its sequence.
   *
   * @param tokens number of tokens
   * @param given the answer's output; empty if there are no tokens
   */
  static boolean isWrong(Vectors vectors, int tokens, float[] query, double[] given) {
    if (tokens == 0) {
      return given.length > 0;
    }
    if (given.length != vectors.valueDim) {
      return true;
    }
    double[] truth = attention(vectors, tokens, query);
    double squares = 0;
    for (int c = 0; c < truth.length; c++) {
      squares += Math.pow(given[c] - truth[c], 2);
    }
    // Negated instead of >, so that NaN counts as wrong.
    return !(Math.sqrt(squares) <= BOUND * rmsValue(vectors, tokens));
  }

  static double[] attention(Vectors vectors, int tokens, float[] query) {
    double[] logits = new double[tokens];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < tokens; j++) {
      for (int i = 0; i < vectors.keyDim; i++) {
        logits[j] += (double) query[i] * vectors.keys[j * vectors.keyDim + i];
      }
      logits[j] /= Math.sqrt(vectors.keyDim);
      largest = Math.max(largest, logits[j]);
    }
    double[] sums = new double[vectors.valueDim];
    double total = 0;
    for (int j = 0; j < tokens; j++) {
      double weight = Math.exp(logits[j] - largest);
      total += weight;
      for (int c = 0; c < sums.length; c++) {
        sums[c] += weight * vectors.values[j * vectors.valueDim + c];
      }
    }
    for (int c = 0; c < sums.length; c++) {
      sums[c] /= total;
    }
    return sums;
  }

  private static double rmsValue(Vectors vectors, int tokens) {
    double squares = 0;
    for (int i = 0; i < tokens * vectors.valueDim; i++) {
      squares += (double) vectors.values[i] * vectors.values[i];
    }
    return Math.sqrt(squares / tokens);
  }
}
