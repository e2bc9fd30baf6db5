// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.Streams;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks the guarantee of arXiv 2304.04397 for many more coordinates d than tokens n: m = O(n ln(n
 * / delta)) columns, sampled by leverage score, keep the logits X X' of tokens with each other.
 *
 * <p>The constant is that of the matrix Chernoff bound for ridge leverage scores (Tropp,
 * Foundations of Computational Mathematics 12, 2012; Cohen, Musco and Musco, arXiv 1511.07263).
 * With {@code m = 2 (1 + eps / 3) n ln(2 n / delta) / eps^2} columns and lambda = |X|_F^2 / m, a
 * sample has {@code |L^-1 (Y Y' - X X') L^-T| <= eps}, where L L' = X X' + lambda I, with
 * probability 1 - delta.
 */
class LeverageSamplingTest {

  private static final int TOKENS = 12;
  private static final int WIDTH = 8192;
  private static final double EPS = 0.5;
  private static final double DELTA = 0.01;

  /** 873 of 8192. */
  private static final int COLUMNS =
      (int) Math.ceil(2 * (1 + EPS / 3) * TOKENS * Math.log(2 * TOKENS / DELTA) / (EPS * EPS));

  private static final int SEEDS = 100;

  /** What the columns of X look like. */
  private enum Columns {
    /** All alike: no choice of 873 of them is better than another. */
    FLAT(0),
    /** Sizes fall like 1 / (1 + i / 64). */
    DECAYING(1),
    /** A tenth of the entries is not 0. */
    SPARSE(2),
    /** Copies of 40 columns. */
    COPIES(3);

    private final int seed;

    Columns(int seed) {
      this.seed = seed;
    }
  }

  /** Returns tokens whose mean key is 0 and whose largest |k|^2 is r. */
  private static TokenBlock tokens(Columns kind, double r) {
    Random random = new Random(kind.seed);
    double[][] keys = new double[TOKENS][WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      double mean = 0;
      for (int j = 0; j < TOKENS; j++) {
        double x = random.nextGaussian();
        keys[j][i] =
            switch (kind) {
              case FLAT -> x;
              case DECAYING -> x / (1 + i / 64);
              case SPARSE -> random.nextInt(10) == 0 ? x : 0;
              case COPIES -> i < 40 ? x : keys[j][i % 40];
            };
        mean += keys[j][i] / TOKENS;
      }
      if (kind != Columns.COPIES || i < 40) {
        for (int j = 0; j < TOKENS; j++) {
          keys[j][i] -= mean;
        }
      }
    }
    double largest = 0;
    for (double[] key : keys) {
      double square = 0;
      for (double x : key) {
        square += x * x;
      }
      largest = Math.max(largest, square);
    }
    TokenBlock tokens = new TokenBlock(WIDTH, 1, TOKENS);
    for (double[] key : keys) {
      float[] floats = new float[WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        floats[i] = (float) (key[i] * Math.sqrt(r / largest));
      }
      tokens.append(floats, new float[1], 1);
    }
    return tokens;
  }

  /** Returns X W X', where W has the weights on its diagonal. */
  private static double[][] gram(TokenBlock tokens, double[] weights) {
    double[][] gram = new double[TOKENS][TOKENS];
    for (int a = 0; a < TOKENS; a++) {
      for (int b = 0; b <= a; b++) {
        for (int i = 0; i < WIDTH; i++) {
          gram[a][b] +=
              weights[i] * tokens.keys()[a * WIDTH + i] * (double) tokens.keys()[b * WIDTH + i];
        }
        gram[b][a] = gram[a][b];
      }
    }
    return gram;
  }

  private static double[] ones() {
    double[] ones = new double[WIDTH];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Returns the lower Cholesky factor of a + lambda I. */
  private static double[][] factor(double[][] a, double lambda) {
    double[][] l = new double[TOKENS][TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j] + (i == j ? lambda : 0);
        for (int k = 0; k < j; k++) {
          sum -= l[i][k] * l[j][k];
        }
        l[i][j] = i == j ? Math.sqrt(sum) : sum / l[j][j];
      }
    }
    return l;
  }

  /** Returns L^-1 A, which is the transpose of A L^-T for a symmetric A. */
  private static double[][] solve(double[][] l, double[][] a) {
    double[][] x = new double[TOKENS][TOKENS];
    for (int c = 0; c < TOKENS; c++) {
      for (int i = 0; i < TOKENS; i++) {
        double sum = a[i][c];
        for (int k = 0; k < i; k++) {
          sum -= l[i][k] * x[k][c];
        }
        x[i][c] = sum / l[i][i];
      }
    }
    return x;
  }

  private static double[][] transposed(double[][] a) {
    double[][] t = new double[TOKENS][TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j < TOKENS; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  /** Returns the spectral norm of a symmetric matrix, by 200 steps of the power method. */
  private static double norm(double[][] a) {
    double[] x = new Random(1).doubles(TOKENS, -1, 1).toArray();
    double norm = 0;
    for (int step = 0; step < 200; step++) {
      double[] y = new double[TOKENS];
      double squares = 0;
      for (int i = 0; i < TOKENS; i++) {
        for (int j = 0; j < TOKENS; j++) {
          y[i] += a[i][j] * x[j];
        }
        squares += y[i] * y[i];
      }
      norm = Math.sqrt(squares);
      for (int i = 0; i < TOKENS; i++) {
        x[i] = y[i] / norm;
      }
    }
    return norm;
  }

  /** Returns D^-1 exp(G): the attention of tokens to each other. */
  private static double[][] attention(double[][] logits) {
    double[][] attention = new double[TOKENS][TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      double den = 0;
      for (double logit : logits[i]) {
        den += Math.exp(logit);
      }
      for (int j = 0; j < TOKENS; j++) {
        attention[i][j] = Math.exp(logits[i][j]) / den;
      }
    }
    return attention;
  }

  private static double largestDifference(double[][] a, double[][] b) {
    double largest = 0;
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j < TOKENS; j++) {
        largest = Math.max(largest, Math.abs(a[i][j] - b[i][j]));
      }
    }
    return largest;
  }

  /**
   * Checks both forms of the guarantee in each of 100 samples, of which one may fail. (The largest
   * spectral error measured is 0.27.) A spectral error of eps changes no logit by more than eps (r
   * + lambda) if all |k|^2 are at most r. So a weight of the attention changes by at most a factor
   * e^{2 eps (r + lambda)}, which is the paper's O(r) for r = 0.1.
   */
  @ParameterizedTest
  @EnumSource(Columns.class)
  void sampledColumnsKeepTheLogitsOfTokens(Columns kind) {
    double r = 0.1;
    TokenBlock tokens = tokens(kind, r);
    double[][] whole = gram(tokens, ones());
    double trace = 0;
    for (int i = 0; i < TOKENS; i++) {
      trace += whole[i][i];
    }
    double lambda = trace / COLUMNS;
    double[][] l = factor(whole, lambda);
    double[][] exact = attention(whole);
    double[] scores = LeverageScores.of(tokens, COLUMNS);
    int failures = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      double[] weights = ColumnChoice.sampled(scores, COLUMNS, new Random(seed));
      double[][] projected = gram(tokens, weights);
      double[][] off = new double[TOKENS][TOKENS];
      for (int i = 0; i < TOKENS; i++) {
        for (int j = 0; j < TOKENS; j++) {
          off[i][j] = projected[i][j] - whole[i][j];
        }
      }
      double spectral = norm(solve(l, transposed(solve(l, off))));
      double change = Math.expm1(2 * EPS * (r + lambda)) * Math.exp(2 * r) / TOKENS;
      failures +=
          spectral <= EPS && largestDifference(attention(projected), exact) <= change ? 0 : 1;
    }
    assertThat(failures).isLessThanOrEqualTo(1);
  }

  /**
   * Where the premise fails: queries that are not in the span of the keys. The columns are all
   * alike, so any choice keeps only m / d = 11 % of the variance of their logits, while queries
   * that are keys keep at least 1 - eps^2.
   */
  @Test
  void queriesOutsideTheKeysLoseAllButTheirShare() {
    TokenBlock tokens = tokens(Columns.FLAT, 0.1);
    TokenBlock twice = Streams.concat(tokens, tokens);
    QueryBlock keys = new QueryBlock(tokens.keys(), TOKENS, WIDTH, 1);
    QueryBlock others = Streams.queries(new Random(5), 64, WIDTH, 1, 1);
    double share = (double) COLUMNS / WIDTH;
    assertThat(ColumnSample.learn(twice, keys, COLUMNS, 3, 0).keptVariance())
        .isGreaterThan(1 - EPS * EPS);
    assertThat(ColumnSample.learn(twice, others, COLUMNS, 3, 0).keptVariance())
        .isBetween(0.5 * share, 2 * share);
  }
}
