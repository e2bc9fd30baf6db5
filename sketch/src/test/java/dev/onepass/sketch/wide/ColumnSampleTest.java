// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnSampleTest {

  private final Random random = new Random(81);

  /** Returns keys whose coordinate i has standard deviation sd[i] with this chance, else is 0. */
  private TokenBlock tokens(int n, double[] sd, double chance) {
    TokenBlock tokens = new TokenBlock(sd.length, 4, n);
    for (int j = 0; j < n; j++) {
      float[] key = new float[sd.length];
      for (int i = 0; i < key.length; i++) {
        if (sd[i] > 0 && random.nextDouble() < chance) {
          key[i] = (float) (sd[i] * random.nextGaussian());
        }
      }
      tokens.append(key, Streams.vector(random, 4, 1), 1);
    }
    return tokens;
  }

  /** Returns standard deviation 1 for some coordinates, 0 for the others. */
  private double[] some(int d, int active) {
    double[] sd = new double[d];
    for (int left = active; left > 0; ) {
      int i = random.nextInt(d);
      left -= sd[i] == 0 ? 1 : 0;
      sd[i] = 1;
    }
    return sd;
  }

  private static double relativeError(ColumnSample sample, TokenBlock tokens, QueryBlock queries) {
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    double[] outputs = Streams.oracle(sample.project(tokens), sample.project(queries)).outputs();
    double off = 0;
    double all = 0;
    for (int i = 0; i < outputs.length; i++) {
      off += (outputs[i] - truth.outputs()[i]) * (outputs[i] - truth.outputs()[i]);
      all += truth.outputs()[i] * truth.outputs()[i];
    }
    return Math.sqrt(off / all);
  }

  /** Keys use 100 of 4096 coordinates, a tenth of them per key; 128 coordinates are kept. */
  @Test
  void wideSparseKeysLoseNothing() {
    TokenBlock tokens = tokens(1500, some(4096, 100), 0.1);
    ColumnSample sample = ColumnSample.learn(tokens.slice(0, 400), 128, 7, 0.99);
    assertThat(sample.columns()).isEqualTo(128);
    assertThat(sample.keptVariance()).isEqualTo(1);
    assertThat(sample.keptEnergy()).isEqualTo(1);
    QueryBlock queries = Streams.queries(random, 20, 4096, 40, 1);
    // The same products in the same order, except for zeros.
    assertThat(relativeError(sample, tokens, queries)).isLessThan(1e-12);
  }

  /** A quarter of 512 equally important coordinates keeps a quarter of the variance. */
  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void isotropicKeysAreRefused(int columns) {
    TokenBlock tokens = tokens(600, constant(512), 1);
    double expected = columns / 512.0;
    assertThatThrownBy(() -> ColumnSample.learn(tokens, columns, 7, 0.9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logits' variance")
        .hasMessageContaining("without a projection");
    // 2 * 256 tokens, so each variance is within 20 % and their mean over 64 within 3 %.
    ColumnSample any = ColumnSample.learn(tokens, columns, 7, 0);
    assertThat(any.keptVariance()).isCloseTo(expected, within(0.03 * expected + 0.01));
    assertThat(any.keptEnergy()).isCloseTo(expected, within(0.03 * expected + 0.01));
  }

  private static double[] constant(int d) {
    double[] sd = new double[d];
    Arrays.fill(sd, 1);
    return sd;
  }

  /** The reported share holds for later logits, up to about 1 % for 1000 tokens and 100 queries. */
  @Test
  void reportsTheShareOfTheVarianceOfLogits() {
    int d = 1024;
    double[] sd = new double[d];
    for (int i = 0; i < d; i++) {
      sd[i] = 1.0 / (1 + i / 16);
    }
    TokenBlock tokens = tokens(1600, sd, 1);
    ColumnSample sample = ColumnSample.learn(tokens.slice(0, 512), 128, 7, 0.8);
    TokenBlock later = tokens.slice(600, 1600);
    QueryBlock queries = Streams.queries(random, 100, d, 1, 1);
    double kept = 1 - lostVariance(sample, later, queries);
    assertThat(sample.keptVariance()).isBetween(0.85, 0.97).isCloseTo(kept, within(0.03));
  }

  private static double lostVariance(ColumnSample sample, TokenBlock tokens, QueryBlock queries) {
    TokenBlock fewer = sample.project(tokens);
    QueryBlock shorter = sample.project(queries);
    double lost = 0;
    double all = 0;
    for (int q = 0; q < queries.count(); q++) {
      double[] exact = logits(tokens, queries, q);
      double[] off = logits(fewer, shorter, q);
      for (int j = 0; j < off.length; j++) {
        off[j] -= exact[j];
      }
      lost += variance(off);
      all += variance(exact);
    }
    return lost / all;
  }

  private static double[] logits(TokenBlock tokens, QueryBlock queries, int q) {
    int d = tokens.keyDim();
    double[] logits = new double[tokens.count()];
    for (int j = 0; j < logits.length; j++) {
      for (int i = 0; i < d; i++) {
        logits[j] += (double) queries.vectors()[q * d + i] * tokens.keys()[j * d + i];
      }
    }
    return logits;
  }

  private static double variance(double[] x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    return Arrays.stream(x).map(y -> (y - mean) * (y - mean)).average().orElseThrow();
  }

  /**
   * Coordinates in 8 groups of copies. The 40 copies of a group have small leverages, so sampling
   * takes some of each group with larger weights, and is unbiased. Keeping the largest scores
   * without weights would lose most of every logit.
   */
  @Test
  void copiedCoordinatesAreSampledAndWeighted() {
    int d = 320;
    TokenBlock tokens = new TokenBlock(d, 1, 400);
    for (int j = 0; j < 400; j++) {
      float[] group = Streams.vector(random, 8, 1);
      float[] key = new float[d];
      for (int i = 0; i < d; i++) {
        key[i] = group[i % 8];
      }
      tokens.append(key, new float[1], 1);
    }
    float[] same = new float[8 * d];
    for (int q = 0; q < 8; q++) {
      for (int i = q; i < d; i += 8) {
        same[q * d + i] = 1f / 40;
      }
    }
    QueryBlock queries = new QueryBlock(same, 8, d, 1);
    double[] exact = logits(tokens, queries, 3);
    double mean = 0;
    int seeds = 200;
    double[] scores = LeverageScores.of(tokens, 64);
    for (int seed = 0; seed < seeds; seed++) {
      double[] weights = ColumnChoice.sampled(scores, 64, new Random(seed));
      double all = 0;
      double ofGroup = 0;
      int chosen = 0;
      for (int i = 0; i < d; i++) {
        all += weights[i];
        ofGroup += i % 8 == 3 ? weights[i] : 0;
        chosen += weights[i] > 0 ? 1 : 0;
      }
      assertThat(chosen).as("systematic sampling takes exactly m").isEqualTo(64);
      assertThat(all).as("equal scores, equal weights of d / m").isCloseTo(d, within(0.1 * d));
      mean += ofGroup / 40 / seeds;
    }
    // One sample is within 40 % (8 +- 2.5 columns), the mean of 200 within 3 deviations of 2.2 %.
    assertThat(mean * exact[0]).isCloseTo(exact[0], within(0.07 * Math.abs(exact[0])));

    // Such queries separate the two choices: 8 of 40 copies, unweighted, are 0.36 of the
    // variance; weighted, the deviation of 2.5 columns in 8 leaves 0.9. Others do not: a
    // fifth of the coordinates has a fifth, whichever groups they are of (variances +-10 %).
    ColumnSample judged = ColumnSample.learn(tokens, queries, 64, 5, 0.75);
    assertThat(judged.keptVariance())
        .isCloseTo(1 - lostVariance(judged, tokens, queries), within(0.05));
    assertThat(ColumnSample.learn(tokens, 64, 5, 0).keptVariance()).isCloseTo(0.2, within(0.03));
  }

  @Test
  void alwaysTakesAColumnThatIsIndependent() {
    double[] sd = constant(300);
    sd[123] = 1000;
    TokenBlock tokens = tokens(500, sd, 1);
    for (int seed = 0; seed < 20; seed++) {
      double[] weights = ColumnChoice.sampled(LeverageScores.of(tokens, 10), 10, new Random(seed));
      assertThat(weights[123]).isEqualTo(1);
    }
  }

  /** By hand for n = 3: X is centred, lambda = |X|^2 / m, scores are c'(XX' + lambda)^-1 c. */
  @Test
  void scoresByHand() {
    float[] keys = {1, 0, -1, 0, 0, 0};
    TokenBlock tokens = TokenBlock.of(2, 1, 3, keys, new float[3]);
    // One column (1, -1, 0) of square 2, lambda 2 / 2 = 1: 2 / (2 + 1).
    assertThat(LeverageScores.of(tokens, 2))
        .containsExactly(new double[] {2 / 3.0, 0}, within(1e-15));
  }

  /**
   * Softmax ignores what all keys share, so such coordinates are dropped; normalizers need them.
   */
  @Test
  void constantCoordinatesAreDropped() {
    TokenBlock tokens = tokens(200, some(60, 10), 1);
    boolean[] varies = new boolean[60];
    for (int e = 0; e < 200 * 60; e++) {
      varies[e % 60] |= tokens.keys()[e] != 0;
    }
    for (int e = 0; e < 200 * 60; e++) {
      tokens.keys()[e] += varies[e % 60] ? 0 : 50;
    }
    ColumnSample sample = ColumnSample.learn(tokens, 10, 7, 0.99);
    // Constants are summed in double precision, so their spread is only rounding.
    assertThat(sample.keptVariance()).isCloseTo(1, within(1e-12));
    assertThat(sample.keptEnergy()).isLessThan(1e-3);
    QueryBlock queries = Streams.queries(random, 10, 60, 2, 1);
    assertThat(relativeError(sample, tokens, queries)).isLessThan(1e-6);
  }

  /** Later tokens decide: if they vary in other coordinates, no variance is kept. */
  @Test
  void noticesDrift() {
    double[] early = new double[40];
    double[] late = new double[40];
    Arrays.fill(early, 0, 10, 1);
    Arrays.fill(late, 30, 40, 1);
    TokenBlock tokens = tokens(100, early, 1);
    tokens.append(tokens(100, late, 1));
    assertThatThrownBy(() -> ColumnSample.learn(tokens, 12, 7, 0.5))
        .hasMessageContaining("keep 0.0 %");
  }

  @Test
  void dependsOnTheSeedAndTheTokensOnly() {
    TokenBlock tokens = tokens(400, constant(200), 1);
    byte[] bytes = ColumnSample.learn(tokens, 50, 1, 0).toByteArray();
    assertThat(ColumnSample.learn(tokens.slice(0, 400), 50, 1, 0).toByteArray()).isEqualTo(bytes);
    double[] scores = LeverageScores.of(tokens, 50);
    assertThat(ColumnChoice.sampled(scores, 50, new Random(2)))
        .isNotEqualTo(ColumnChoice.sampled(scores, 50, new Random(1)))
        .isEqualTo(ColumnChoice.sampled(scores, 50, new Random(2)));
  }

  @Test
  void refusesWithAReason() {
    TokenBlock tokens = tokens(50, constant(8), 1);
    for (int columns : new int[] {0, 8, 9}) {
      assertThatThrownBy(() -> ColumnSample.learn(tokens, columns, 7, 0.5))
          .hasMessageContaining("projects nothing");
    }
    QueryBlock shorter = Streams.queries(random, 2, 7, 1, 1);
    assertThatThrownBy(() -> ColumnSample.learn(tokens, shorter, 4, 7, 0.5))
        .hasMessageContaining("Expected queries of length 8, got length 7");
    assertThatThrownBy(() -> ColumnSample.learn(tokens.slice(0, 3), 4, 7, 0.5))
        .hasMessageContaining("at least 4 tokens");
    TokenBlock constant = TokenBlock.of(8, 4, 9, new float[72], new float[36]);
    assertThatThrownBy(() -> ColumnSample.learn(constant, 4, 7, 0.5))
        .hasMessageContaining("0.0 % of the logits' variance");
  }

  @Test
  void ignoresRetractionsInLearningAndProjectsThem() {
    TokenBlock tokens = tokens(40, some(50, 10), 1);
    TokenBlock mixed = tokens.slice(0, 40);
    mixed.append(Streams.retractions(tokens(30, constant(50), 1)));
    ColumnSample sample = ColumnSample.learn(mixed, 12, 7, 0.9);
    assertThat(sample.toByteArray())
        .isEqualTo(ColumnSample.learn(tokens, 12, 7, 0.9).toByteArray());
    TokenBlock projected = sample.project(mixed);
    assertThat(projected.netCount()).isEqualTo(10);
    assertThat(projected.values()[4 * 69]).isEqualTo(mixed.values()[4 * 69]);
  }

  @Test
  void keepsLargeFloatsFinite() {
    float[] keys = new float[40 * 20];
    for (int e = 0; e < keys.length; e++) {
      keys[e] = random.nextBoolean() ? Float.MAX_VALUE : -Float.MAX_VALUE;
    }
    TokenBlock tokens = TokenBlock.of(20, 1, 40, keys, new float[40]);
    ColumnSample sample = ColumnSample.learn(tokens, 10, 7, 0);
    for (float x : sample.project(tokens).keys()) {
      assertThat(x).isFinite();
    }
    assertThat(sample.keptEnergy()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void readsWhatItWrote() {
    ColumnSample sample = ColumnSample.learn(tokens(400, constant(200), 1), 50, 1, 0);
    byte[] bytes = sample.toByteArray();
    assertThat(bytes).hasSize(28 + 50 * 8 + 200 * 4).hasSize(sample.stateBytes());
    ColumnSample read = ColumnSample.heapify(bytes.clone());
    assertThat(read.toByteArray()).isEqualTo(bytes);
    assertThat(read.coordinates()).isEqualTo(sample.coordinates()).isSorted();
    assertThat(read.fullDim()).isEqualTo(200);
    QueryBlock queries = Streams.queries(random, 3, 200, 1, 1);
    assertThat(read.project(queries).vectors()).isEqualTo(sample.project(queries).vectors());
  }

  /** Format 1 ends before the mean key. */
  @Test
  void readsFormat1() {
    ColumnSample sample = ColumnSample.learn(tokens(400, constant(20), 1), 5, 1, 0);
    byte[] old = Arrays.copyOf(sample.toByteArray(), 28 + 5 * 8);
    old[2] = 1;
    ColumnSample read = ColumnSample.heapify(old);
    QueryBlock queries = Streams.queries(random, 3, 20, 1, 1);
    assertThat(read.coordinates()).isEqualTo(sample.coordinates());
    assertThat(read.project(queries).vectors()).isEqualTo(sample.project(queries).vectors());
    assertThat(read.offset(queries, 1)).isZero();
    assertThat(read).isNotEqualTo(sample);
  }

  /** Dropped coordinates that all keys share move every logit by the same number. */
  @Test
  void offsetsMakeNormalizersComparable() {
    TokenBlock tokens = tokens(600, some(60, 10), 1);
    for (int e = 0; e < 600 * 60; e++) {
      tokens.keys()[e] += e % 60 / 30f;
    }
    ColumnSample sample = ColumnSample.learn(tokens, 12, 7, 0.9);
    QueryBlock queries = Streams.queries(random, 8, 60, 2, 1.5);
    double[] whole = Streams.oracle(tokens, queries).logNormalizers();
    double[] projected =
        Streams.oracle(sample.project(tokens), sample.project(queries)).logNormalizers();
    double largest = 0;
    for (int q = 0; q < 8; q++) {
      double offset = sample.offset(queries, q);
      largest = Math.max(largest, Math.abs(offset));
      assertThat(projected[q] + offset).isCloseTo(whole[q], within(1e-3));
    }
    assertThat(largest).isGreaterThan(0.5);
  }

  @Test
  void keepsBiasesTimesAndExponents() {
    TokenBlock tokens = new TokenBlock(20, 1, 2);
    tokens.append(new Token(Streams.vector(random, 20, 1), new float[1], 1, 1.5f, 11));
    tokens.append(new Token(Streams.vector(random, 20, 1), new float[1], -1, 0, 12));
    TokenBlock weighted = tokens.withExponent(3);
    ColumnSample sample = ColumnSample.learn(tokens(40, constant(20), 1), 5, 1, 0);
    TokenBlock projected = sample.project(weighted);
    assertThat(projected.exponent()).isEqualTo(3);
    assertThat(projected.isBiased()).isTrue();
    assertThat(projected.biases()).isEqualTo(weighted.biases());
    assertThat(projected.times()).startsWith(11, 12);
    assertThat(projected.signs()).startsWith(1, -1);
    QueryBlock queries = Streams.queries(random, 3, 20, 1, 1).withExponent(9);
    assertThat(sample.project(queries).exponent()).isEqualTo(9);
  }

  @Test
  void refusesHostileBytesOrWorks() {
    byte[] good = ColumnSample.learn(tokens(40, constant(20), 1), 5, 1, 0).toByteArray();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ColumnSample.heapify(cut))
          .isInstanceOf(CorruptSketchException.class);
    }
    assertThatThrownBy(() -> ColumnSample.heapify(Arrays.copyOf(good, good.length + 1)))
        .isInstanceOf(CorruptSketchException.class);
    byte[] wide = good.clone();
    // A valid length that far exceeds the available bytes.
    ByteBuffer.wrap(wide).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 8192).putInt(8, 8191);
    assertThatThrownBy(() -> ColumnSample.heapify(wide)).hasMessageContaining("more bytes");
    int worked = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = good.clone();
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      try {
        ColumnSample read = ColumnSample.heapify(bytes);
        assertThat(read.toByteArray()).isEqualTo(bytes);
        read.project(new QueryBlock(new float[read.fullDim()], 1, read.fullDim(), 1));
        worked++;
      } catch (CorruptSketchException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
    assertThat(worked).isBetween(500, 4500);
  }

  @Test
  void refusesVectorsOfAnotherLength() {
    ColumnSample sample = ColumnSample.learn(tokens(40, constant(20), 1), 5, 1, 0);
    assertThatThrownBy(() -> sample.project(new QueryBlock(new float[19], 1, 19, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sample.project(new TokenBlock(19, 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
