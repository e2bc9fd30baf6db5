// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;

class ItemFactorsTest {
  private static final int USERS = 120;
  private static final int ITEMS = 70;
  private static final int DIM = 6;

  private final Events events = randomEvents(2_000, 3);

  @Test
  void vectorsByUsersAreThoseOfADenseDecomposition() {
    double[] raters = new double[ITEMS];
    boolean[][] rated = new boolean[USERS][ITEMS];
    for (int e = 0; e < events.count(); e++) {
      int item = events.items()[e];
      raters[item] += rated[events.users()[e]][item] ? 0 : 1;
      rated[events.users()[e]][item] = true;
    }
    double[] weights =
        Arrays.stream(events.items()).mapToDouble(i -> Math.log(USERS / raters[i])).toArray();

    assertSameCosines(ItemFactors.byUsers(events, DIM, 7), dense(weights));
  }

  @Test
  void vectorsByRatingsAreThoseOfADenseDecomposition() {
    double[] sums = new double[USERS];
    for (int e = 0; e < events.count(); e++) {
      sums[events.users()[e]] += events.ratings()[e];
    }
    int[] counts = events.countsOfUsers();
    double[] weights = new double[events.count()];
    for (int e = 0; e < weights.length; e++) {
      int user = events.users()[e];
      weights[e] = events.ratings()[e] - sums[user] / counts[user];
    }

    assertSameCosines(ItemFactors.byRatings(events, DIM, 7), dense(weights));
  }

  @Test
  void singularValuesBeyondTheRankAreZero() {
    // Two groups of users with one taste each: a matrix of rank 2.
    int[] users = new int[60];
    int[] items = new int[60];
    float[] ratings = new float[60];
    Arrays.fill(ratings, 1);
    for (int e = 0; e < 60; e++) {
      users[e] = e / 3;
      items[e] = e % 3 + (users[e] % 2 == 0 ? 0 : 3);
    }
    float[][] factors =
        ItemFactors.byUsers(new Events(users, items, ratings, new long[60], 20, 6), 5, 7);

    assertThat(dot(factors[0], factors[2])).isEqualTo(1, within(1e-5));
    assertThat(dot(factors[3], factors[5])).isEqualTo(1, within(1e-5));
    assertThat(dot(factors[0], factors[3])).isEqualTo(0, within(1e-5));
  }

  @Test
  void vectorsByRatingsDoNotFollowFromVectorsByUsers() {
    // The same users rate items 0 and 1, and those who like the one dislike the other.
    EventLog log = new EventLog();
    for (int user = 0; user < 10; user++) {
      log.add(user, 0, user % 2 == 0 ? 9 : 2, 0);
      log.add(user, 1, user % 2 == 0 ? 2 : 9, 1);
      log.add(user + 10, 2, user, 2);
      log.add(user + 10, user % 2 == 0 ? 0 : 1, 5, 3);
    }
    Events opposites = log.inOrderOfTime(20, 3);

    float[][] byUsers = ItemFactors.byUsers(opposites, 2, 7);
    float[][] byRatings = ItemFactors.byRatings(opposites, 2, 7);

    assertThat(dot(byUsers[0], byUsers[1])).isGreaterThan(0.9);
    assertThat(dot(byRatings[0], byRatings[1])).isLessThan(-0.9);
  }

  @Test
  void anItemThatEverybodyRatedHasNoVector() {
    Events all =
        new Events(
            new int[] {0, 0, 1, 1, 2},
            new int[] {0, 1, 0, 2, 0},
            new float[] {1, 2, 3, 4, 5},
            new long[5],
            3,
            3);

    float[][] factors = ItemFactors.byUsers(all, 2, 7);

    assertThat(factors[0]).containsExactly(0, 0);
    assertThat(length(factors[1])).isEqualTo(1, within(1e-6));
  }

  @Test
  void equalSeedsGiveEqualVectorsAndOtherSeedsEqualCosines() {
    float[][] factors = ItemFactors.byUsers(events, DIM, 7);

    assertThat(ItemFactors.byUsers(events, DIM, 7)).isDeepEqualTo(factors);
    float[][] others = ItemFactors.byUsers(events, DIM, 8);
    assertThat(dot(others[0], others[1])).isEqualTo(dot(factors[0], factors[1]), within(1e-5));
  }

  @Test
  void thereAreNoMoreNumbersThanItems() {
    assertThatThrownBy(() -> ItemFactors.byUsers(events, ITEMS + 1, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("70 columns has no 71 singular values");
    assertThat(ItemFactors.byUsers(events, ITEMS, 7)[0]).hasSize(ITEMS);
  }

  /** Returns V S of the dense matrix, normalized. */
  private double[][] dense(double[] weights) {
    DMatrixRMaj matrix = new DMatrixRMaj(USERS, ITEMS);
    for (int e = 0; e < weights.length; e++) {
      int user = events.users()[e];
      int item = events.items()[e];
      matrix.set(user, item, matrix.get(user, item) + weights[e]);
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(USERS, ITEMS, false, true, true);
    assertThat(svd.decompose(matrix)).isTrue();
    DMatrixRMaj v = svd.getV(null, false);
    double[] singular = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(null, false, singular, singular.length, v, false);
    double[][] rows = new double[ITEMS][DIM];
    for (int item = 0; item < ITEMS; item++) {
      double squares = 0;
      for (int c = 0; c < DIM; c++) {
        rows[item][c] = v.get(item, c) * singular[c];
        squares += rows[item][c] * rows[item][c];
      }
      for (int c = 0; c < DIM; c++) {
        rows[item][c] /= Math.sqrt(squares);
      }
    }
    return rows;
  }

  /** Cosines do not depend on the signs of singular vectors. */
  private static void assertSameCosines(float[][] factors, double[][] dense) {
    for (int i = 0; i < ITEMS; i++) {
      for (int j = 0; j < ITEMS; j++) {
        double cosine = 0;
        for (int c = 0; c < DIM; c++) {
          cosine += dense[i][c] * dense[j][c];
        }
        assertThat(dot(factors[i], factors[j])).isEqualTo(cosine, within(1e-4));
      }
    }
  }

  private static Events randomEvents(int count, long seed) {
    Random random = new Random(seed);
    EventLog log = new EventLog();
    for (int e = 0; e < count; e++) {
      int item = Math.min(random.nextInt(ITEMS), random.nextInt(ITEMS));
      // The first users and items have events, so that no row and no column is empty.
      int user = e < USERS ? e : random.nextInt(USERS);
      log.add(user, e < ITEMS ? e : item, random.nextInt(11), e);
    }
    return log.inOrderOfTime(USERS, ITEMS);
  }

  private static double length(float[] x) {
    return Math.sqrt(dot(x, x));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int c = 0; c < a.length; c++) {
      sum += (double) a[c] * b[c];
    }
    return sum;
  }
}
