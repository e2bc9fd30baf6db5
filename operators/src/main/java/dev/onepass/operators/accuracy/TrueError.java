package dev.onepass.operators.accuracy;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactSketch;

/** How wrong answers are, as the contract defines {@code error}. */
final class TrueError {

  /** Vectors of a query that are measured, the first ones: more would hold the task's thread up. */
  static final int MOST_VECTORS = 8;

  /** Truths shorter than this share of the values' root mean square count as that long. */
  private static final double SHORTEST = 1e-6;

  private TrueError() {}

  /**
   * |y - t| / max(|t|, 1e-6 rms|v|) of the first {@value #MOST_VECTORS} queries or fewer.
   *
   * @param queries what was asked
   * @param tokens all tokens and retractions, at least one
   * @param outputs what was answered, y, row by row
   * @return not finite where retractions have left nothing
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
        squares += (double) tokens.weights()[j] * tokens.values()[c] * tokens.values()[c];
      }
    }
    return Math.sqrt(Math.max(0, squares) / Math.max(1, tokens.netCount()));
  }
}
