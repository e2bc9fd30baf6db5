// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.numerics.Cholesky;

/**
 * The normal distribution with the moments of a head's past queries, times the scale.
 *
 * @param mean mean query
 * @param lower lower triangle L of the covariance L L', row by row
 */
record PastQueries(float[] mean, double[] lower) {

  /** Added to variances, relative to their mean, so that the covariance has a factor. */
  private static final double RIDGE = 1e-6;

  /** Computes the moments of all past queries. */
  static PastQueries of(Past past) {
    Head rows = past.rows();
    int d = rows.keyDim();
    float[] mean = PastMeans.of(past).query();
    double[] covariance = new double[d * (d + 1) / 2];
    double[] x = new double[d];
    double trace = 0;
    for (int row = 0; row < rows.rows(); row++) {
      for (int i = 0, at = 0; i < d; i++) {
        x[i] = rows.scale() * rows.queries()[row * d + i] - mean[i];
        trace += x[i] * x[i] / rows.rows();
        for (int j = 0; j <= i; j++) {
          covariance[at++] += x[i] * x[j] / rows.rows();
        }
      }
    }
    for (int i = 0; i < d; i++) {
      // Equal queries have no variance.
      covariance[i * (i + 3) / 2] += RIDGE * trace / d + Float.MIN_NORMAL;
    }
    if (Cholesky.factor(d, covariance).isEmpty()) {
      throw new IllegalStateException("a ridge did not make the covariance positive definite");
    }
    return new PastQueries(mean, covariance);
  }

  /** Returns the bytes of both moments, 4 for each number. */
  long bytes() {
    return (long) Float.BYTES * (mean.length + lower.length);
  }

  /** Returns L'k, whose square is the variance of the logit of k. */
  float[] project(float[] key) {
    double[] projected = new double[mean.length];
    for (int i = 0, at = 0; i < mean.length; i++) {
      for (int j = 0; j <= i; j++) {
        projected[j] += lower[at++] * key[i];
      }
    }
    float[] floats = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      floats[i] = (float) projected[i];
    }
    return floats;
  }

  /** Returns ln E exp(q.k): the mean logit, and half of its variance. */
  double logMeanExp(float[] key) {
    double variance = 0;
    for (float x : project(key)) {
      variance += (double) x * x;
    }
    return logit(key) + variance / 2;
  }

  /** Returns the mean logit of a key. */
  double logit(float[] key) {
    double logit = 0;
    for (int i = 0; i < mean.length; i++) {
      logit += (double) mean[i] * key[i];
    }
    return logit;
  }
}
