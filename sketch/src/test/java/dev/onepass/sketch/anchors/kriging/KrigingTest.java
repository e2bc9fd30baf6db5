// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.simd.Floats;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KrigingTest {

  private static final int COUNT = TestSets.COUNT;

  private static final AnchorSet SET = TestSets.inABall(3);
  private static final Kernel KERNEL = new Kernel(4, 0.3, 1e-6);
  private static final Kriging KRIGING = new Kriging(SET.embeddedAnchors(), KERNEL, COUNT);

  private final Random random = new Random(8);

  private static double[] deviations(Kriging kriging, EmbeddedQueries queries) {
    float[] variograms = new float[queries.count() * kriging.count()];
    kriging.variograms(queries, variograms);
    return kriging.variogram().surroundings(queries, variograms).deviations();
  }

  private static DMatrixRMaj covariance(EmbeddedQueries rows, int[] numbers) {
    return covariance(KERNEL, rows, numbers);
  }

  private static DMatrixRMaj covariance(Kernel kernel, EmbeddedQueries rows, int[] numbers) {
    DMatrixRMaj covariance = new DMatrixRMaj(numbers.length, numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      for (int j = 0; j < numbers.length; j++) {
        double nugget = i == j ? kernel.nugget() : 0;
        covariance.set(i, j, rows.covariance(kernel, numbers[i], rows, numbers[j]) + nugget);
      }
    }
    return covariance;
  }

  private double[] gaussian(int n) {
    double[] x = new double[n];
    Arrays.setAll(x, i -> random.nextGaussian());
    return x;
  }

  @Test
  void solvingInvertsTheCovariance() {
    double[] x = gaussian(COUNT);
    DMatrixRMaj g = covariance(SET.embeddedAnchors(), IntStream.range(0, COUNT).toArray());
    DMatrixRMaj product = new DMatrixRMaj(COUNT, 1);
    CommonOps_DDRM.mult(g, new DMatrixRMaj(COUNT, 1, true, x.clone()), product);

    KRIGING.solve(product.data);

    // The condition number is up to 1e8, and double precision has errors of 1e-16.
    assertThat(product.data).containsExactly(x, within(1e-6));
  }

  @Test
  void solvingManyEqualsSolvingEach() {
    int columns = 5;
    double[] many = gaussian(COUNT * columns);
    double[][] each = new double[columns][COUNT];
    for (int i = 0; i < many.length; i++) {
      each[i % columns][i / columns] = many[i];
    }

    KRIGING.solve(many, columns);

    for (int c = 0; c < columns; c++) {
      KRIGING.solve(each[c]);
      double size = Arrays.stream(each[c]).map(Math::abs).max().orElseThrow();
      for (int r = 0; r < COUNT; r++) {
        assertThat(many[r * columns + c]).isCloseTo(each[c][r], within(1e-8 * size));
      }
    }
  }

  @Test
  void leaveOneOutErrorsEqualThoseOfARefit() {
    int columns = 3;
    double[] y = gaussian(COUNT * columns);
    assertThat(KRIGING.leftOutCount()).isEqualTo(COUNT);
    float[] errors = KRIGING.leaveOneOutErrors(Floats.of(y), columns);
    for (int left = 0; left < COUNT; left++) {
      double miss = refitMiss(left, y, columns, 0, 2);
      double square = 0;
      for (int c = 0; c < 2; c++) {
        square += (double) errors[left * columns + c] * errors[left * columns + c];
      }
      assertThat(Math.sqrt(square)).isCloseTo(miss, within(1e-4 * miss));
    }
  }

  /** Predicts from all other anchors by a new fit. */
  private static double refitMiss(int left, double[] y, int columns, int from, int to) {
    int[] others = IntStream.range(0, COUNT).filter(r -> r != left).toArray();
    DMatrixRMaj inverse = covariance(SET.embeddedAnchors(), others);
    CommonOps_DDRM.invert(inverse);
    double square = 0;
    for (int c = from; c < to; c++) {
      double predicted = 0;
      for (int i = 0; i < others.length; i++) {
        double weight = 0;
        for (int j = 0; j < others.length; j++) {
          weight +=
              inverse.get(i, j)
                  * SET.embeddedAnchors()
                      .covariance(KERNEL, left, SET.embeddedAnchors(), others[j]);
        }
        predicted += weight * y[others[i] * columns + c];
      }
      square += Math.pow(y[left * columns + c] - predicted, 2);
    }
    return Math.sqrt(square);
  }

  @Test
  void theDeviationIsThatOfTheNearestAnchorsByTheMaternKernel() {
    EmbeddedQueries queries =
        EmbeddedQueries.of(SET.space(), TestSets.ball(random, 20, 3, 2), 20, 1);
    double[] deviations = deviations(KRIGING, queries);
    for (int q = 0; q < 20; q++) {
      assertThat(deviations[q]).isCloseTo(deviation(queries, q, -1), within(1e-6));
    }
  }

  @Test
  void leftOutAnchorsAreSurroundedByOthers() {
    Surroundings surroundings = KRIGING.leftOutSurroundings();
    for (int left = 0; left < COUNT; left++) {
      assertThat(surroundings.deviations()[left])
          .isCloseTo(deviation(SET.embeddedAnchors(), left, left), within(1e-6));
      assertThat(Arrays.copyOfRange(surroundings.neighbours(), 8 * left, 8 * left + 8))
          .containsExactly(nearest(SET.embeddedAnchors(), left, left));
    }
  }

  /** Returns the eight anchors nearest to a query. */
  private static int[] nearest(EmbeddedQueries queries, int q, int excluded) {
    return IntStream.range(0, COUNT)
        .filter(r -> r != excluded)
        .boxed()
        .sorted(Comparator.comparing(r -> queries.squareDistance(q, SET.embeddedAnchors(), r)))
        .mapToInt(r -> r)
        .limit(8)
        .toArray();
  }

  /** Returns the deviation that the eight nearest anchors leave. */
  private static double deviation(EmbeddedQueries queries, int q, int excluded) {
    Kernel matern = new Kernel(KERNEL.length(), 0, KERNEL.nugget());
    int[] near = nearest(queries, q, excluded);
    DMatrixRMaj inverse = covariance(matern, SET.embeddedAnchors(), near);
    CommonOps_DDRM.invert(inverse);
    double left = 1 + matern.nugget();
    for (int i = 0; i < near.length; i++) {
      for (int j = 0; j < near.length; j++) {
        left -=
            queries.covariance(matern, q, SET.embeddedAnchors(), near[i])
                * inverse.get(i, j)
                * queries.covariance(matern, q, SET.embeddedAnchors(), near[j]);
      }
    }
    return Math.sqrt(left);
  }

  /** Square distances by products, and covariances less 1. */
  @Test
  void variogramsAreOneLessTheMaternPart() {
    Kernel matern = new Kernel(16, 0, 1e-6);
    Kriging kriging = new Kriging(SET.embeddedAnchors(), matern, COUNT);
    EmbeddedQueries queries =
        EmbeddedQueries.of(SET.space(), TestSets.ball(random, 20, 3, 2), 20, 1);
    float[] variograms = new float[20 * COUNT];
    kriging.variograms(queries, variograms);
    for (int q = 0; q < 20; q++) {
      for (int r = 0; r < COUNT; r++) {
        double lacks = 1 - queries.covariance(matern, q, SET.embeddedAnchors(), r);
        assertThat((double) variograms[q * COUNT + r])
            .isCloseTo(lacks, within(3e-9 + 1e-6 * lacks));
      }
    }
  }

  /** Far from all anchors, the prior deviation remains. */
  @Test
  void theDeviationGrowsWithTheDistance() {
    float[] direction = TestSets.ball(random, 1, 3, 1);
    double last = 0;
    for (double factor : new double[] {2, 4, 8, 16, 1e3, 1e30}) {
      EmbeddedQueries far = EmbeddedQueries.of(SET.space(), direction, 1, factor);
      double deviation = deviations(KRIGING, far)[0];
      assertThat(deviation).isGreaterThanOrEqualTo(last - 1e-6);
      last = deviation;
    }
    assertThat(last).isGreaterThan(0.9);
  }

  @Test
  @Timeout(10)
  void factorsEqualAnchors() {
    float[] same = new float[3 * 40];
    Arrays.fill(same, 0.3f);
    for (double nugget : new double[] {1e-3, 1e-12}) {
      Kriging kriging =
          new Kriging(EmbeddedQueries.of(SET.space(), same, 40, 1), new Kernel(2, 0, nugget), 40);
      double[] x = new double[40];
      Arrays.fill(x, 1);
      kriging.solve(x);
      // All anchors are equal, so each has the same share.
      assertThat(Arrays.stream(x).sum()).isCloseTo(1, within(1e-2));
      double[] even = new double[40];
      Arrays.fill(even, x[0]);
      assertThat(x).containsExactly(even, within(1e-2));
    }
  }

  @Test
  void usesAnyNumberOfAnchors() {
    for (int count : new int[] {1, 2, 3, 17, COUNT}) {
      Kriging kriging = new Kriging(SET.embeddedAnchors(), KERNEL, count);
      double[] x = gaussian(count);
      kriging.solve(x);
      assertThat(x).doesNotContain(Double.NaN);
      assertThat(kriging.leftOutCount()).isEqualTo(count > 1 ? count : 0);
      assertThat(deviations(kriging, SET.embeddedAnchors())[0]).isBetween(0.0, 2.0);
    }
  }
}
