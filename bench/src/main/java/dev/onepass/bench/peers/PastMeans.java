// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;

/**
 * Means and spreads of a head's past keys and queries.
 *
 * @param key mean key
 * @param query mean of the queries times the scale, so that its products with keys are logits
 * @param keySpread root mean square distance of keys from their mean
 * @param querySpread root mean square distance of the scaled queries from their mean
 */
record PastMeans(float[] key, float[] query, double keySpread, double querySpread) {

  /** Computes the means of all past rows. */
  static PastMeans of(Past past) {
    Head rows = past.rows();
    float[] key = mean(rows.keys(), rows.rows(), rows.keyDim(), 1);
    float[] query = mean(rows.queries(), rows.rows(), rows.keyDim(), rows.scale());
    return new PastMeans(
        key,
        query,
        spread(rows.keys(), rows.rows(), key, 1),
        spread(rows.queries(), rows.rows(), query, rows.scale()));
  }

  /** Returns the bytes of both means. */
  long bytes() {
    return (long) Float.BYTES * (key.length + query.length);
  }

  /** Returns a key less the mean key. */
  float[] centred(float[] other) {
    float[] centred = new float[key.length];
    for (int i = 0; i < key.length; i++) {
      centred[i] = other[i] - key[i];
    }
    return centred;
  }

  private static float[] mean(float[] rows, int count, int dim, double scale) {
    double[] sum = new double[dim];
    for (int at = 0; at < count * dim; at++) {
      sum[at % dim] += rows[at];
    }
    float[] mean = new float[dim];
    for (int i = 0; i < dim; i++) {
      mean[i] = (float) (scale * sum[i] / Math.max(1, count));
    }
    return mean;
  }

  private static double spread(float[] rows, int count, float[] mean, double scale) {
    double squares = 0;
    for (int at = 0; at < count * mean.length; at++) {
      double x = scale * rows[at] - mean[at % mean.length];
      squares += x * x;
    }
    return Math.sqrt(squares / Math.max(1, count));
  }
}
