// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.exact;

/**
 * The reference for measurements and tests: softmax attention in double precision. It is written as
 * simply as possible and shares no code with what it judges. It is not meant for the hot path.
 */
public final class ExactAttention {

  private ExactAttention() {}

  /**
   * Exact attention and its normalizers.
   *
   * @param outputs queryCount x valueDim, row-major
   * @param logNormalizers ln sum_j w_j exp(scale q.k_j) of each query
   */
  public record Result(double[] outputs, double[] logNormalizers) {}

  /**
   * Computes {@code softmax(scale Q K^T) V}.
   *
   * @param queries queryCount x keyDim, row-major
   * @param queryCount number of queries, at least 0
   * @param keys tokenCount x keyDim, row-major
   * @param values tokenCount x valueDim, row-major
   * @param tokenCount at least 1
   * @param keyDim length of keys and queries
   * @param valueDim length of values
   * @param scale factor of q.k
   */
  public static Result attention(
      float[] queries,
      int queryCount,
      float[] keys,
      float[] values,
      int tokenCount,
      int keyDim,
      int valueDim,
      double scale) {
    double[] logOnes = new double[tokenCount];
    return attention(
        queries, queryCount, keys, values, logOnes, tokenCount, keyDim, valueDim, scale);
  }

  /**
   * Computes attention over weighted tokens: the logarithm of a token's weight is added to its
   * logits.
   *
   * @param queries queryCount x keyDim, row-major
   * @param queryCount number of queries, at least 0
   * @param keys tokenCount x keyDim, row-major
   * @param values tokenCount x valueDim, row-major
   * @param logWeights tokenCount
   * @param tokenCount at least 1
   * @param keyDim length of keys and queries
   * @param valueDim length of values
   * @param scale factor of q.k
   */
  public static Result attention(
      float[] queries,
      int queryCount,
      float[] keys,
      float[] values,
      double[] logWeights,
      int tokenCount,
      int keyDim,
      int valueDim,
      double scale) {
    double[] outputs = new double[queryCount * valueDim];
    double[] logNormalizers = new double[queryCount];
    double[] logits = new double[tokenCount];
    for (int q = 0; q < queryCount; q++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < tokenCount; j++) {
        double dot = 0;
        for (int i = 0; i < keyDim; i++) {
          dot += (double) queries[q * keyDim + i] * keys[j * keyDim + i];
        }
        logits[j] = scale * dot + logWeights[j];
        max = Math.max(max, logits[j]);
      }
      double den = 0;
      for (int j = 0; j < tokenCount; j++) {
        double weight = Math.exp(logits[j] - max);
        den += weight;
        for (int c = 0; c < valueDim; c++) {
          outputs[q * valueDim + c] += weight * values[j * valueDim + c];
        }
      }
      for (int c = 0; c < valueDim; c++) {
        outputs[q * valueDim + c] /= den;
      }
      logNormalizers[q] = max + Math.log(den);
    }
    return new Result(outputs, logNormalizers);
  }
}
