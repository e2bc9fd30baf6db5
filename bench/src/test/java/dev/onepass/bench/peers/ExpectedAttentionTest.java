// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import org.junit.jupiter.api.Test;

class ExpectedAttentionTest {
  private static final int TOKENS = 400;
  private static final int SEEDS = 4_000;

  /** Logits with a deviation of 2, so that few tokens have most of the weight. */
  private static final Head SHARP =
      Planted.gaussian(TOKENS + 600, 4, 8, 2, Planted.Values.SIGNAL, 7);

  private static final Past PAST =
      new Past(Planted.gaussian(1_000, 4, 8, 2, Planted.Values.SIGNAL, 8), new int[1_000], 7);

  @Test
  void bothSumsAreUnbiased() {
    QueryBlock query = new QueryBlock(new float[] {0.3f, -0.2f, 0.1f, 0.2f}, 1, 4, 1);
    double[] exact = sums(Integer.MAX_VALUE, 7, query, 1, true);
    for (double temper : new double[] {0, 0.5, 1}) {
      double[] mean = new double[exact.length];
      double[] squares = new double[exact.length];
      for (int seed = 0; seed < SEEDS; seed++) {
        double[] sums = sums(30, seed, query, temper, temper > 0);
        for (int i = 0; i < mean.length; i++) {
          mean[i] += sums[i] / SEEDS;
          squares[i] += Math.pow(sums[i] - exact[i], 2) / SEEDS;
        }
      }
      for (int i = 0; i < mean.length; i++) {
        // Four standard deviations of the mean.
        assertThat(Math.abs(mean[i] - exact[i])).isLessThan(4 * Math.sqrt(squares[i] / SEEDS));
      }
      // A threshold that is one place too low would be a bias of 1 / 30.
      assertThat(4 * Math.sqrt(squares[8] / SEEDS)).isLessThan(exact[8] / 30);
    }
  }

  /** Returns num and, as the last number, den. */
  private static double[] sums(
      int tokens, int seed, QueryBlock query, double temper, boolean usesValues) {
    int bytes = tokens == Integer.MAX_VALUE ? 1 << 20 : 16 + 28 * tokens;
    Method.State state =
        new ExpectedAttention(temper, usesValues).learn(PAST).begin(SHARP, bytes, seed);
    Streams.feed(state, SHARP, 0, TOKENS);
    SoftmaxSum sums = ((ExpectedAttention.Sample) state).sums(query);
    double[] both = new double[9];
    both[8] = Math.exp(sums.logNormalizer(0));
    for (int c = 0; c < 8; c++) {
      both[c] = sums.output(0, c) * both[8];
    }
    return both;
  }

  @Test
  void drawsWhatQueriesAttendTo() {
    double scored = 0;
    double flat = 0;
    for (int seed = 0; seed < 20; seed++) {
      scored += error(new ExpectedAttention(0.5, true), seed);
      flat += error(new ExpectedAttention(0, false), seed);
    }
    assertThat(scored / flat).isLessThan(0.8);
  }

  private static double error(ExpectedAttention method, int seed) {
    Method.State state = method.learn(PAST).begin(SHARP, 16 + 28 * 40, seed);
    Streams.feed(state, SHARP, 0, TOKENS);
    QueryBlock queries = SHARP.queries(TOKENS, SHARP.rows());
    return Errors.relative(
        state.answer(queries).outputs(), Attention.exact(SHARP, TOKENS, queries));
  }

  @Test
  void needsAPast() {
    assertThatThrownBy(() -> new ExpectedAttention(1, true).begin(Streams.HEAD, 1_024, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has learned from no past rows");
  }
}
