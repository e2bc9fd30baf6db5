// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import dev.onepass.datasets.numbers.Ascending;
import java.util.Arrays;

/** The logits of a sample of queries and keys of a head, relative to the mean key of the sample. */
public final class Logits {
  private final double[] sizes;
  private final double deviation;

  private Logits(double[] sizes, double deviation) {
    this.sizes = sizes;
    this.deviation = deviation;
  }

  /**
   * Takes a sample.
   *
   * @param count maximum number of queries and of keys, spread over the rows
   */
  public static Logits sample(Head head, int count) {
    int d = head.keyDim();
    int taken = Math.min(count, head.rows());
    double[] mean = new double[d];
    for (int j = 0; j < taken; j++) {
      for (int i = 0; i < d; i++) {
        mean[i] += head.keys()[head.spread(j, 0) * d + i] / (double) taken;
      }
    }
    double[] sizes = new double[taken * taken];
    double sum = 0;
    double squares = 0;
    for (int q = 0; q < taken; q++) {
      for (int j = 0; j < taken; j++) {
        double dot = 0;
        for (int i = 0; i < d; i++) {
          dot +=
              head.queries()[head.spread(q, 0) * d + i]
                  * (head.keys()[head.spread(j, 0) * d + i] - mean[i]);
        }
        double logit = head.scale() * dot;
        sum += logit;
        squares += logit * logit;
        sizes[q * taken + j] = Math.abs(logit);
      }
    }
    Arrays.sort(sizes);
    double average = sum / sizes.length;
    return new Logits(sizes, Math.sqrt(squares / sizes.length - average * average));
  }

  /** Returns the standard deviation of the logits. */
  public double deviation() {
    return deviation;
  }

  /** Returns |logit| of every pair of the sample, in ascending order; not a copy. */
  public double[] sizes() {
    return sizes;
  }

  /** Returns the share of logits with |logit| at most the bound, 0 to 1. */
  public double within(double bound) {
    return (double) Ascending.countUpTo(sizes, bound) / sizes.length;
  }
}
