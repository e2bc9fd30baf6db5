// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.Streams;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Isolated vectors do not shape a set; common features of many vectors do. */
@Timeout(60)
class OutlierFilterTest {

  private static final int D = 6;
  private static final int DV = 4;
  private static final int QUERIES = 600;
  private static final int KEYS = 1_200;

  private final Random random = new Random(1);
  private final float[] queries = TestSets.ball(random, QUERIES, D, 2);
  private final float[] keys = TestSets.normal(random, KEYS * D, 0.7);

  /** Returns the median error of answers over a sequence without outliers. */
  private static double error(AnchorSet set) {
    Random random = new Random(77);
    int n = 4_000;
    float[] keys = TestSets.normal(random, n * D, 0.7);
    float[] values = new float[n * DV];
    for (int i = 0; i < values.length; i++) {
      int at = i / DV * D + i % DV;
      values[i] = (float) (Math.sin(2 * keys[at] + keys[at + 1]) + 0.3 * random.nextGaussian());
    }
    TokenBlock tokens = TokenBlock.of(D, DV, n, keys, values);
    int asked = 200;
    QueryBlock block = new QueryBlock(TestSets.ball(random, asked, D, 2), asked, D, 1);
    AttentionSketch sketch =
        AnchoredFamily.HYBRID.begin(
            new SketchConfig(D, DV, 2_000, 0, Map.of()),
            new TokenBlock(D, DV, 0),
            AnchorSets.of(set));
    for (int from = 0; from < n; from += 64) {
      sketch.update(tokens.slice(from, Math.min(n, from + 64)));
    }
    double[] truth = Streams.oracle(tokens, block).outputs();
    SoftmaxSum sums = Streams.sums(sketch, block);
    double[] errors = new double[asked];
    for (int q = 0; q < asked; q++) {
      for (int c = 0; c < DV; c++) {
        errors[q] += Math.pow(sums.output(q, c) - truth[q * DV + c], 2);
      }
    }
    Arrays.sort(errors);
    return Math.sqrt(errors[asked / 2]);
  }

  private AnchorSet set(float[] someQueries, float[] someKeys) {
    return AnchorSetMaker.make(1, D, someQueries, someKeys, 96, 7);
  }

  private void assertAsGoodAsWithout(float[] someQueries, float[] someKeys) {
    assertThat(error(set(someQueries, someKeys))).isLessThan(1.25 * error(set(queries, keys)));
  }

  /** Moves some rows far out: in one direction, each in its own, or in one coordinate. */
  private float[] spoiled(float[] rows, String how, double share, double size) {
    float[] spoiled = rows.clone();
    int n = rows.length / D;
    float[] direction = TestSets.normal(random, D, size);
    for (int i = 0; i < Math.max(1, share * n); i++) {
      int row = random.nextInt(n);
      if (how.equals("coordinate")) {
        spoiled[row * D + 1] = (float) (random.nextBoolean() ? size : -size);
        continue;
      }
      for (int c = 0; c < D; c++) {
        spoiled[row * D + c] =
            (float) (how.equals("spot") ? direction[c] : size * random.nextGaussian());
      }
    }
    return spoiled;
  }

  @ParameterizedTest
  @CsvSource({
    "scattered, 0, 5",
    "scattered, 0, 1e3",
    "scattered, 0, 1e20",
    "scattered, 0.04, 30",
    "scattered, 0.03, 3e37",
    "coordinate, 0, 1e3",
    "coordinate, 0.04, 1e20",
    "spot, 0.04, 1e3",
    "spot, 0.02, 1e38"
  })
  void farKeysAndQueriesDoNotSpoilASet(String how, double share, double size) {
    assertAsGoodAsWithout(queries, spoiled(keys, how, share, size));
    assertAsGoodAsWithout(spoiled(queries, how, share, size), keys);
  }

  /** Numbers near the smallest floats are close to 0 and not outliers. */
  @Test
  void keepsTinyNumbers() {
    assertThat(kept(spoiled(keys, "scattered", 0.03, 1e-44))).isEqualTo(KEYS);
  }

  private static int kept(float[] rows) {
    return OutlierFilter.without(SampledVectors.of(rows, D), D).count(D);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"normal", "equal", "zero", "constant", "items", "long", "sparse", "heavy"})
  void whatManyHaveInCommonStays(String kind) {
    float[] items = TestSets.normal(random, 12 * D, 1);
    float[] rows = new float[KEYS * D];
    for (int j = 0; j < KEYS; j++) {
      int item = random.nextInt(12);
      double heavy = Math.exp(random.nextGaussian());
      for (int c = 0; c < D; c++) {
        double normal = random.nextGaussian();
        rows[j * D + c] =
            (float)
                switch (kind) {
                  case "normal" -> normal;
                  case "equal" -> 0.7;
                  case "constant" -> c < 2 ? 3 : normal;
                  case "items" -> items[item * D + c];
                  case "long" -> normal * (j % 8 == 0 ? 40 : 1);
                  case "sparse" -> random.nextInt(50) == 0 ? 1 : 0;
                  case "heavy" -> heavy * normal;
                  default -> 0;
                };
      }
    }
    assertThat(kept(rows)).isGreaterThanOrEqualTo(KEYS - KEYS / 400);
  }

  /** Uses an attention sink of every sequence, and the same key from one sequence. */
  @Test
  void keepsSinksOfSeveralSequences() {
    float[] rows = keys.clone();
    for (int j = 0; j < KEYS; j += 100) {
      Arrays.fill(rows, j * D, (j + 1) * D, 4);
    }
    long[] sequences = new long[KEYS];
    Arrays.setAll(sequences, j -> j / 100);
    assertThat(OutlierFilter.without(new SampledVectors(rows, sequences), D).count(D))
        .isEqualTo(KEYS);
    Arrays.fill(sequences, 5);
    assertThat(OutlierFilter.without(new SampledVectors(rows, sequences), D).count(D))
        .isEqualTo(KEYS - 12);
  }

  @Test
  void anInterruptedThreadStops() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> set(queries, keys)).isInstanceOf(InterruptedWorkException.class);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void comparesASetWithClusters() {
    AnchorSetMaker.Made made =
        AnchorSetMaker.tried(
            1,
            D,
            SampledVectors.of(queries, D),
            SampledVectors.of(TestSets.normal(random, 6_000 * D, 0.7), D),
            96,
            7);
    assertThat(made.beatsClusters()).isTrue();
    // Queries that fill a space of many dimensions lie far from every anchor.
    int d = 16;
    float[] wideQueries = TestSets.normal(random, 2_000 * d, 0.5);
    float[] wideKeys = TestSets.normal(random, 4_000 * d, 1);
    AnchorSetMaker.Made wide =
        AnchorSetMaker.tried(
            1, d, SampledVectors.of(wideQueries, d), SampledVectors.of(wideKeys, d), 1_000, 7);
    assertThat(wide.error()).isPositive();
    assertThat(wide.beatsClusters()).isFalse();
  }
}
