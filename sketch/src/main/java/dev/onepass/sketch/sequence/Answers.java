// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * Answers to a block of queries, one row per query vector. A sequence without tokens has no rows.
 *
 * @param outputs rows x dv; finite, within the range of the values seen
 * @param error bound that holds for 90 % of answers on |y - t| / max(|t|, 1e-6 rms|v|); 0 when
 *     exact, 1 where retracted tokens dominated, NaN where the family is not calibrated
 * @param logNormalizer ln sum_j exp(s q.k_j); an estimate unless exact
 * @param logNormalizerError bound that holds for 90 % of answers on |logNormalizer - true one|; 0
 *     when exact, NaN where the family is not calibrated or retracted tokens dominated
 * @param beyondBound share of the query's logits beyond the bound of a polynomial, or null for a
 *     family without a bound
 * @param firstRow row of the first answer in recoveries, the others follow; -1 if queries are not
 *     remembered
 */
@PublicEvolving
public record Answers(
    float[][] outputs,
    float[] error,
    double[] logNormalizer,
    float[] logNormalizerError,
    float[] beyondBound,
    long firstRow) {

  /** No rows. */
  public static final Answers NONE =
      new Answers(new float[0][], new float[0], new double[0], new float[0], null, -1);

  /** Returns the same answers, remembered from a row on. */
  Answers rememberedFrom(long row) {
    return new Answers(outputs, error, logNormalizer, logNormalizerError, beyondBound, row);
  }
}
