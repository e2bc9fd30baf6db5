// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.ridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.Streams;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks that answers are those of the ridge regression of values on keys, also for more
 * coordinates than tokens (the case of arXiv 2204.06653). The sketch solves d x d equations of its
 * moments. The test solves the dual problem, n x n equations of the tokens themselves, by Gaussian
 * elimination: with the centred keys K and values V, X = K' (K K' + n lambda I)^-1 V minimizes |V -
 * K X|^2 + n lambda |X|^2.
 */
class RidgeRegressionTest {

  /**
   * Keys of all directions, or of a hundredth of the size in half of them. An answer is rounded to
   * a float. The part that depends on the query agrees to 1e-9: doubles lose at most the ratio of
   * tr(Sigma) and lambda, here up to 1e6.
   */
  @ParameterizedTest
  @CsvSource({
    "64,5,1,1",
    "64,20,0.001,1",
    "64,20,1,1",
    "64,60,1,0.01",
    "256,20,1,1",
    "256,100,10,0.01",
    "16,100,1,1",
    "16,17,0.001,0.01"
  })
  void answersAreThoseOfTheRidgeRegression(int d, int n, double penalty, float small) {
    Random random = new Random(17L * d + n);
    int dv = 3;
    TokenBlock tokens = Streams.gaussian(random, n, d, dv, 1);
    for (int e = 0; e < n * d; e++) {
      tokens.keys()[e] *= e % 2 == 0 ? 1 : small;
    }
    AttentionSketch sketch =
        RidgeFamily.INSTANCE.begin(
            new SketchConfig(
                d, dv, 1 << 24, 0, Map.of(RidgeFamily.PENALTY, Double.toString(penalty))),
            tokens.slice(0, Math.min(n, 10)),
            AnchorSets.NONE);
    for (int from = 0; from < n; from += 7) {
      sketch.update(tokens.slice(from, Math.min(n, from + 7)));
    }
    QueryBlock queries = Streams.queries(random, 10, d, 0.3, 1);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    Regression regression = new Regression(tokens, penalty);
    for (int q = 0; q < queries.count(); q++) {
      double[] shift = regression.shift(queries, q);
      double size = Math.sqrt(shift[0] * shift[0] + shift[1] * shift[1] + shift[2] * shift[2]);
      assertThat(size).as("the part that depends on the query").isGreaterThan(0.001);
      for (int c = 0; c < dv; c++) {
        double expected = regression.meanValue[c] + shift[c];
        assertThat(sums.output(q, c))
            .isCloseTo(expected, within(0x1p-24 * Math.abs(expected) + 1e-9 * size));
      }
    }
  }

  /** The regression itself, in its dual form. */
  private static final class Regression {
    private final int n;
    private final int d;
    private final int dv;
    private final double[][] keys;
    private final double[] meanValue;

    /** (K K' + n lambda I)^-1 V, n x dv. */
    private final double[][] dual;

    Regression(TokenBlock tokens, double penalty) {
      n = tokens.count();
      d = tokens.keyDim();
      dv = tokens.valueDim();
      keys = centred(tokens.keys(), n, d, new double[d]);
      meanValue = new double[dv];
      double[][] values = centred(tokens.values(), n, dv, meanValue);
      double[][] gram = new double[n][n];
      double trace = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          for (int l = 0; l < d; l++) {
            gram[i][j] += keys[i][l] * keys[j][l];
          }
        }
        trace += gram[i][i];
      }
      // n lambda is the mean variance of a coordinate times the penalty, or times 2^-40 n more.
      for (int i = 0; i < n; i++) {
        gram[i][i] += trace / d / n * (penalty + n * 0x1p-40);
      }
      dual = solve(gram, values);
    }

    /** Writes the mean of the rows, and returns the rows without it. */
    private static double[][] centred(float[] rows, int n, int dim, double[] mean) {
      double[][] centred = new double[n][dim];
      for (int e = 0; e < n * dim; e++) {
        mean[e % dim] += (double) rows[e] / n;
      }
      for (int e = 0; e < n * dim; e++) {
        centred[e / dim][e % dim] = rows[e] - mean[e % dim];
      }
      return centred;
    }

    /** Solves A X = B, with A positive definite, by Gaussian elimination; overwrites both. */
    private static double[][] solve(double[][] a, double[][] b) {
      int n = a.length;
      for (int p = 0; p < n; p++) {
        for (int i = p + 1; i < n; i++) {
          double factor = a[i][p] / a[p][p];
          for (int j = p; j < n; j++) {
            a[i][j] -= factor * a[p][j];
          }
          for (int c = 0; c < b[0].length; c++) {
            b[i][c] -= factor * b[p][c];
          }
        }
      }
      for (int p = n - 1; p >= 0; p--) {
        for (int c = 0; c < b[0].length; c++) {
          for (int j = p + 1; j < n; j++) {
            b[p][c] -= a[p][j] * b[j][c];
          }
          b[p][c] /= a[p][p];
        }
      }
      return b;
    }

    /** Returns X' Sigma q, with Sigma = K'K / n. */
    double[] shift(QueryBlock queries, int q) {
      double[] key = new double[d];
      for (double[] row : keys) {
        double logit = 0;
        for (int l = 0; l < d; l++) {
          logit += queries.scale() * queries.vectors()[q * d + l] * row[l];
        }
        for (int l = 0; l < d; l++) {
          key[l] += logit * row[l] / n;
        }
      }
      double[] shift = new double[dv];
      for (int j = 0; j < n; j++) {
        double product = 0;
        for (int l = 0; l < d; l++) {
          product += keys[j][l] * key[l];
        }
        for (int c = 0; c < dv; c++) {
          shift[c] += product * dual[j][c];
        }
      }
      return shift;
    }
  }
}
