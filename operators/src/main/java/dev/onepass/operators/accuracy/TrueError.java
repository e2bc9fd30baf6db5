// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactSketch;

/** Measures the error of answers as the field {@code error} defines it. */
final class TrueError {

  /** Number of query vectors that are measured, the first ones: more would block the task. */
  static final int MOST_VECTORS = 8;

  /** Smallest length of a true output, as a share of the root mean square of the values. */
  private static final double SHORTEST = 1e-6;

  private TrueError() {}

  /**
   * Returns |y - t| / max(|t|, 1e-6 rms|v|) of the first query vectors, at most {@value
   * #MOST_VECTORS}.
   *
   * @param queries the query vectors
   * @param tokens all tokens and retractions with their weights, at least one
   * @param outputs the answers y, one row per query vector
   * @return one error per vector; not finite if retractions have left no tokens
   */
  static double[] of(QueryBlock queries, TokenBlock tokens, float[][] outputs) {
    int count = Math.min(MOST_VECTORS, queries.count());
    QueryBlock first = new QueryBlock(queries.vectors(), count, queries.dim(), queries.scale());
    SoftmaxSum truth = new SoftmaxSum(count, tokens.valueDim());
    ExactSketch.addTo(truth, first, tokens);
    double shortest = SHORTEST * rootMeanSquare(tokens);
    double[] errors = new double[count];
    for (int q = 0; q < count; q++) {
      double difference = 0;
      double length = 0;
      for (int c = 0; c < tokens.valueDim(); c++) {
        double t = truth.output(q, c);
        difference += (outputs[q][c] - t) * (outputs[q][c] - t);
        length += t * t;
      }
      errors[q] = Math.sqrt(difference) / Math.max(Math.sqrt(length), shortest);
    }
    return errors;
  }

  private static double rootMeanSquare(TokenBlock tokens) {
    int dim = tokens.valueDim();
    double squares = 0;
    for (int j = 0; j < tokens.count(); j++) {
      for (int c = j * dim; c < (j + 1) * dim; c++) {
        squares += (double) tokens.signs()[j] * tokens.values()[c] * tokens.values()[c];
      }
    }
    return Math.sqrt(Math.max(0, squares) / Math.max(1, tokens.netCount()));
  }
}
