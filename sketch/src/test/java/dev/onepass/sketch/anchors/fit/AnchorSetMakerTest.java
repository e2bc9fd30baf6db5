// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class AnchorSetMakerTest {

  private static final int D = 3;
  private static final int N = 200;

  private final Random random = new Random(31);

  private static AnchorSet make(int d, float[] queries, float[] keys, int count) {
    return AnchorSetMaker.make(1, d, queries, keys, count, 7);
  }

  /** Reads the bytes of the set and interpolates; all results must be finite. */
  private void assertWorks(AnchorSet made) {
    AnchorSet set = AnchorSet.fromByteArray(made.toByteArray());
    int count = set.count();
    double[] known = new double[2 * count];
    Arrays.setAll(known, i -> random.nextGaussian());
    Interpolation interpolation = new Interpolation(set, 0, count, known, 2);
    float[] queries = Arrays.copyOf(set.anchors(), 3 * set.keyDim());
    for (double scale : new double[] {1, 1e30, 0}) {
      QueryBlock block = new QueryBlock(queries, 3, set.keyDim(), scale);
      Interpolation.Estimates estimates = interpolation.at(block);
      for (int q = 0; q < 3; q++) {
        assertThat(estimates.column(q, 0)).isFinite();
        assertThat(estimates.column(q, 1)).isFinite();
        assertThat(estimates.guess(q)).isFinite();
        assertThat(estimates.outputError(q)).isFinite();
        assertThat(estimates.logDenError(q)).isFinite();
      }
    }
  }

  @Test
  void equalInputGivesEqualSets() {
    float[] queries = TestSets.normal(random, N * D, 1);
    float[] keys = TestSets.normal(random, N * D, 1);
    byte[] bytes = make(D, queries, keys, 32).toByteArray();
    assertThat(make(D, queries.clone(), keys.clone(), 32).toByteArray()).isEqualTo(bytes);
    assertThat(AnchorSetMaker.make(1, D, queries, keys, 32, 8).toByteArray()).isNotEqualTo(bytes);
    assertThat(AnchorSetMaker.make(5, D, queries, keys, 32, 7).version()).isEqualTo(5);
  }

  @Test
  void anchorsAreDifferentQueriesOfTheInput() {
    float[] queries = TestSets.normal(random, N * D, 1);
    // Each twice.
    float[] twice = Arrays.copyOf(queries, 2 * queries.length);
    System.arraycopy(queries, 0, twice, queries.length, queries.length);
    for (int wanted : new int[] {1, 7, 150, N, N + 1, 5000}) {
      AnchorSet set = make(D, twice, queries, wanted);
      assertThat(set.count()).isEqualTo(Math.min(wanted, N));
      Set<String> given = rows(queries);
      Set<String> anchors = rows(set.anchors());
      assertThat(anchors).hasSize(set.count());
      assertThat(given).containsAll(anchors);
    }
  }

  private static Set<String> rows(float[] matrix) {
    Set<String> rows = new HashSet<>();
    for (int r = 0; r < matrix.length; r += D) {
      rows.add(Arrays.toString(Arrays.copyOfRange(matrix, r, r + D)));
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 16", "1, 300, 40", "2, 17, 300", "96, 120, 200"})
  void anyDimensionAndNumberOfRowsWorks(int d, int queries, int keys) {
    AnchorSet set =
        make(
            d,
            TestSets.normal(random, queries * d, 1 / Math.sqrt(d)),
            TestSets.normal(random, keys * d, 1),
            64);
    assertThat(set.count()).isEqualTo(Math.min(queries, 64));
    assertWorks(set);
  }

  @Test
  void refusesTooFewRowsWithASentence() {
    float[] many = TestSets.normal(random, N * D, 1);
    float[] few = Arrays.copyOf(many, 15 * D);
    float[] same = new float[N * D];
    for (float[] queries : new float[][] {few, same, new float[0]}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make(D, queries, many, 16))
          .withMessageMatching(
              "An anchor set needs at least 16 different queries and 16 keys, got \\d+ and 200\\.");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> make(D, many, few, 16))
        .withMessageEndingWith("got 200 and 15.");
    for (int count : new int[] {0, -1, AnchorSet.MAX_ANCHORS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make(D, many, many, count))
          .withMessage("An anchor set has 1 to 65536 anchors, got " + count + ".");
    }
  }

  @Test
  void equalKeysGiveAWorkingSet() {
    float[] keys = new float[N * D];
    assertWorks(make(D, TestSets.normal(random, N * D, 1), keys, 32));
    Arrays.fill(keys, 0.7f);
    assertWorks(make(D, TestSets.normal(random, N * D, 1), keys, 32));
  }

  /** Queries that differ only in their last bits, or only along one line. */
  @Test
  void nearlyEqualQueriesGiveAWorkingSetOrARefusal() {
    float[] keys = TestSets.normal(random, N * D, 1);
    float[] near = new float[N * D];
    float[] line = new float[N * D];
    for (int q = 0; q < N; q++) {
      near[q * D] = Float.intBitsToFloat(Float.floatToIntBits(1) + q);
      line[q * D + 1] = q * 0.01f;
    }
    assertRefusedOrWorks(near, keys);
    assertRefusedOrWorks(line, keys);
    assertRefusedOrWorks(line, line);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-38, 1e-20, 1e3, 1e10, 1e18, 1e30, 3e37})
  void numbersOfAnySizeMakeASetThatWorksOrARefusal(double size) {
    float[] plain = TestSets.normal(random, N * D, 1);
    float[] extreme = TestSets.normal(random, N * D, size);
    assertRefusedOrWorks(extreme, plain);
    assertRefusedOrWorks(plain, extreme);
    assertRefusedOrWorks(extreme, extreme);
    // A key far from all others.
    float[] outlier = plain.clone();
    outlier[0] = (float) size;
    assertRefusedOrWorks(plain, outlier);
    assertRefusedOrWorks(outlier, plain);
  }

  private void assertRefusedOrWorks(float[] queries, float[] keys) {
    AnchorSet set;
    try {
      set = make(D, queries, keys, 32);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("[A-Z].{20,}\\.");
      return;
    }
    assertWorks(set);
  }
}
