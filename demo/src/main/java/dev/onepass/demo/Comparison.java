package dev.onepass.demo;

import dev.onepass.demo.Plan.Question;
import dev.onepass.demo.Plan.Sequence;
import dev.onepass.demo.heads.HeadName;
import dev.onepass.demo.heads.HeadRows;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Arrays;
import java.util.Map;

/** Holds answers against exact attention in double precision. */
final class Comparison {
  private final Map<HeadName, HeadRows> rows;

  Comparison(Map<HeadName, HeadRows> rows) {
    this.rows = rows;
  }

  /**
   * The relative errors |y - t| / |t| of one answer, t being exact attention over the tokens that
   * the answer says it covers.
   *
   * @return one for each vector of the question; infinite where the answer lacks the vector
   */
  double[] errors(Question question, Reply.Answer answer) {
    Sequence sequence = question.sequence();
    HeadRows head = rows.get(sequence.head());
    int dim = head.dim();
    int count = question.rows().length;
    double[] errors = new double[count];
    Arrays.fill(errors, Double.POSITIVE_INFINITY);
    if (answer.tokens() < 1 || answer.tokens() > sequence.tokens()) {
      return errors;
    }
    float[] queries = new float[count * dim];
    for (int i = 0; i < count; i++) {
      System.arraycopy(head.queries(), question.rows()[i] * dim, queries, i * dim, dim);
    }
    int tokens = (int) answer.tokens();
    double[] truth =
        ExactAttention.attention(
                queries,
                count,
                from(head.keys(), sequence.firstRow(), tokens, dim),
                from(head.values(), sequence.firstRow(), tokens, dim),
                tokens,
                dim,
                dim,
                1 / Math.sqrt(dim))
            .outputs();
    for (int i = 0; i < Math.min(count, answer.outputs().length); i++) {
      errors[i] = relative(answer.outputs()[i], truth, i * dim, dim);
    }
    return errors;
  }

  private static float[] from(float[] array, int firstRow, int tokens, int dim) {
    // A long sequence starts at the first row, so only short ones are copied.
    return firstRow == 0
        ? array
        : Arrays.copyOfRange(array, firstRow * dim, (firstRow + tokens) * dim);
  }

  private static double relative(double[] answer, double[] truth, int offset, int dim) {
    if (answer.length != dim) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < dim; i++) {
      difference += Math.pow(answer[i] - truth[offset + i], 2);
      norm += Math.pow(truth[offset + i], 2);
    }
    double error = Math.sqrt(difference / norm);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
