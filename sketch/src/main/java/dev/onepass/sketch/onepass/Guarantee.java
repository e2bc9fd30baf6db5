// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.numerics.NormalTail;

/**
 * Computes sizes from promises, and promises from sizes. The promise (arXiv 2311.14652, abstract):
 * with probability 1 - delta, for each column, {@code |T_i - y_i| <= (1 + eps1) min over k-sparse
 * y' of |y' - y_i| + eps2}. The constants are derived here and in the tests; they are not quoted
 * from the paper.
 */
final class Guarantee {

  /** The largest number of rows of Phi. */
  static final int MAX_ROWS = 255;

  /**
   * Group rows of Phi. A heavy group must win a majority of them; there is no union bound over n.
   */
  static final int GROUP_ROWS = 9;

  private Guarantee() {}

  /**
   * Returns the buckets of a row of Phi: {@code ceil(4 k / eps1)}. The root mean square of the
   * tail's share in an entry's bucket is then {@code tail sqrt(eps1 / (4 k))}. That is half of the
   * error {@code tail sqrt(eps1 / k)} that each of 2 k kept entries may have.
   */
  static long buckets(int k, double eps1) {
    return (long) Math.ceil(4 * k / eps1);
  }

  /** Returns the eps1 of a number of buckets: 4 k / buckets. */
  static double eps1(int k, int buckets) {
    return 4.0 * k / buckets;
  }

  /**
   * Returns the rows of Phi for n queries: the smallest odd R with {@code 2 n P(Bin(R, p) > R / 2)
   * <= delta}. Here p is the probability that the estimate of one row errs upwards (or downwards)
   * by more than {@code tail sqrt(eps1 / k)}. It is the sum of two terms: half the probability k /
   * buckets of a collision with one of the k largest entries, because their signs are even; and P(Z
   * > 2), because the bucket's share of a tail that is spread over many rows is about normal and
   * the allowed error is twice its deviation. The median errs upwards only if a majority of the
   * rows do; the rows are independent; and there are 2 n such events.
   *
   * <p>For n = 8192, k = 16, 128 buckets and delta = 0.01 the result is 21. With 7 rows the union
   * bound exceeds 20, and indeed every decoding holds false entries.
   */
  static int rows(double n, int k, int buckets, double delta) {
    double p = Math.min(0.49, 0.5 * k / buckets + NormalTail.above(2));
    for (int rows = GROUP_ROWS; rows < MAX_ROWS; rows += 2) {
      if (2 * n * majority(rows, p) <= delta) {
        return rows;
      }
    }
    return MAX_ROWS;
  }

  /** Returns P(Bin(rows, p) > rows / 2) for an odd number of rows. */
  static double majority(int rows, double p) {
    double term = 1;
    double sum = 0;
    int least = (rows + 1) / 2;
    for (int i = 1; i <= rows; i++) {
      term *= (rows - i + 1.0) / i;
      if (i >= least) {
        sum += term * Math.pow(p, i) * Math.pow(1 - p, rows - i);
      }
    }
    return sum;
  }

  /**
   * Returns the buckets of Psi: {@code m2 = ceil(2 e^{4B} / (eps2^2 delta))}. With 4-wise
   * independent signs, {@code E (x' Psi' Psi v - x'v)^2 <= 2 |x|^2 |v|^2 / m2}. For row i of D^-1
   * A, x = A_i / D_ii has {@code |x|^2 <= e^{4B} / n} while all logits lie within B of the centre:
   * each weight is at most e^B, and D_ii is at least n e^-B. So over at most n rows the expected
   * square of the column's error is at most {@code 2 e^{4B} |V_i|^2 / m2}. By Markov's inequality
   * the error is at most {@code eps2 |V_i|} with probability 1 - delta.
   */
  static double m2(double eps2, double bound, double delta) {
    return Math.ceil(2 * Math.exp(4 * bound) / (eps2 * eps2 * delta));
  }

  /** Returns the eps2 of a number of buckets of Psi: {@code e^{2B} sqrt(2 / (m2 delta))}. */
  static double eps2(double m2, double bound, double delta) {
    return Math.exp(2 * bound) * Math.sqrt(2 / (m2 * delta));
  }
}
