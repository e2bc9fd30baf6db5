// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

/**
 * The rows that one head computed over a text: a query, a key and a value for each token.
 *
 * @param rows tokens
 * @param dim floats of each row of each array
 * @param queries rows x dim, as the model has them: the logit is q.k / sqrt(dim)
 * @param keys rows x dim
 * @param values rows x dim
 */
public record HeadRows(int rows, int dim, float[] queries, float[] keys, float[] values) {
  /** Checks the shapes; the arrays are kept, not copied. */
  public HeadRows {
    int floats = Math.multiplyExact(rows, dim);
    if (queries.length != floats || keys.length != floats || values.length != floats) {
      throw new IllegalArgumentException("each array must hold rows x dim floats");
    }
  }

  /** Returns arrays of zeros to fill. */
  static HeadRows allocate(int rows, int dim) {
    int floats = Math.multiplyExact(rows, dim);
    return new HeadRows(rows, dim, new float[floats], new float[floats], new float[floats]);
  }
}
