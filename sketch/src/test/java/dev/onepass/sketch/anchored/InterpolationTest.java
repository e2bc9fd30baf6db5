// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InterpolationTest {

  private static final AnchorSet SET = TestSets.inABall(3);
  private static final int COUNT = SET.count();

  private final Random random = new Random(77);

  /** Three columns that are smooth over the queries. */
  private static double[] smooth(float[] queries, int count) {
    double[] known = new double[count * 3];
    for (int r = 0; r < count; r++) {
      double a = queries[r * 3];
      double b = queries[r * 3 + 1];
      double c = queries[r * 3 + 2];
      known[r * 3] = Math.sin(a + b);
      known[r * 3 + 1] = a * b - c;
      known[r * 3 + 2] = Math.exp(0.3 * c);
    }
    return known;
  }

  private Interpolation interpolation() {
    return new Interpolation(SET, 0, COUNT, smooth(SET.anchors(), COUNT), 3);
  }

  @Test
  void oneAnchorHasNoStatedError() {
    Interpolation lonely = new Interpolation(SET, 0, 1, new double[3], 3);

    Interpolation.Estimates estimates =
        lonely.at(new QueryBlock(TestSets.ball(random, 1, 3, 1), 1, 3, 1));

    assertThat(estimates.outputError(0)).isNaN();
    assertThat(estimates.logDenError(0)).isNaN();
  }

  private static double[] columns(Interpolation.Estimates estimates, int query) {
    return new double[] {
      estimates.column(query, 0), estimates.column(query, 1), estimates.column(query, 2)
    };
  }

  /** More queries than a block. Single queries are solved for, in doubles. */
  @Test
  void queriesOneByOneEqualAllTogether() {
    int count = 150;
    float[] queries = TestSets.ball(random, count, 3, 1.2);
    Interpolation.Estimates many = interpolation().at(new QueryBlock(queries, count, 3, 1));
    for (int q = 0; q < count; q++) {
      float[] one = {queries[q * 3], queries[q * 3 + 1], queries[q * 3 + 2]};
      Interpolation.Estimates alone = interpolation().at(new QueryBlock(one, 1, 3, 1));
      assertThat(columns(alone, 0)).containsExactly(columns(many, q), within(1e-4));
      assertThat(alone.guess(0)).isCloseTo(many.guess(q), within(1e-5));
      assertThat(alone.outputError(0)).isCloseTo(many.outputError(q), withinPercentage(1));
      assertThat(alone.logDenError(0)).isCloseTo(many.logDenError(q), withinPercentage(1));
    }
  }

  /** After a few queries the weights of the anchors pay off, however few queries come together. */
  @Test
  void manySingleQueriesAreAnsweredFromWeights() {
    int count = 20;
    float[] queries = TestSets.ball(random, count, 3, 1.2);
    Interpolation.Estimates many = interpolation().at(new QueryBlock(queries, count, 3, 1));
    Interpolation asked = interpolation();
    long before = asked.heapBytes();
    for (int q = 0; q < count; q++) {
      float[] one = {queries[q * 3], queries[q * 3 + 1], queries[q * 3 + 2]};
      Interpolation.Estimates alone = asked.at(new QueryBlock(one, 1, 3, 1));
      assertThat(asked.heapBytes() > before).isEqualTo(q > 0);
      assertThat(columns(alone, 0)).containsExactly(columns(many, q), within(q > 0 ? 1e-6 : 1e-4));
    }
  }

  /** Floats do not hold these numbers, nor covariances this close to 1. */
  @Test
  void knownValuesMayHaveAnySize() {
    double[] known = smooth(SET.anchors(), COUNT);
    QueryBlock queries = new QueryBlock(TestSets.ball(random, 50, 3, 0.9), 50, 3, 1);
    Interpolation.Estimates plain = new Interpolation(SET, 0, COUNT, known, 3).at(queries);
    for (double factor : new double[] {1e-200, 1e200}) {
      double[] scaled = Arrays.stream(known).map(x -> factor * x).toArray();
      Interpolation.Estimates estimates = new Interpolation(SET, 0, COUNT, scaled, 3).at(queries);
      for (int q = 0; q < 50; q++) {
        assertThat(estimates.column(q, 1) / factor).isCloseTo(plain.column(q, 1), within(1e-4));
      }
    }
  }

  /** The bytes of a head of 32 coordinates and 32 values at 32 KiB, which hold 352 anchors. */
  @Test
  void aQueryTakesNoMoreThan60000MultiplyAdds() {
    int anchors = 352;
    float[] queries = TestSets.normal(random, 1000 * 32, 0.2);
    float[] keys = TestSets.normal(random, 4000 * 32, 1);
    AnchorSet made = AnchorSetMaker.make(1, 32, queries, keys, anchors, 7);
    // Overlaps take more.
    AnchorSet set =
        new AnchorSet(1, 32, 0, List.of(new Kernel(8, 0.1, 1e-4)), made.space(), made.anchors());
    Interpolation interpolation = new Interpolation(set, 0, anchors, new double[anchors * 33], 33);
    int centres = 192;
    int coordinates = 48;
    int near = 8;
    assertThat(set.space().centreCount()).isEqualTo(centres);
    assertThat(set.space().dim()).isEqualTo(coordinates);
    int placing = 32 + 32 * (centres + 32 + coordinates) + 3 * centres + centres * coordinates;
    int distances = coordinates * (anchors + 1);
    int spreading = (anchors + centres + 1) * 33;
    int surroundings = coordinates * near * (near + 1) / 2 + (7 * 8 * 9) / 6 + near * near;
    assertThat(interpolation.multiplyAdds())
        .isEqualTo(placing + distances + spreading + surroundings)
        .isLessThanOrEqualTo(60_000);
  }

  @Test
  void exactAtTheAnchorsAndCloseBetweenThem() {
    double[] known = smooth(SET.anchors(), COUNT);
    Interpolation interpolation = interpolation();
    Interpolation.Estimates at = interpolation.at(new QueryBlock(SET.anchors(), COUNT, 3, 1));
    for (int r = 0; r < COUNT; r++) {
      for (int c = 0; c < 3; c++) {
        assertThat(at.column(r, c)).isCloseTo(known[r * 3 + c], within(0.01));
      }
    }
    float[] queries = TestSets.ball(random, 50, 3, 0.9);
    double[] truth = smooth(queries, 50);
    Interpolation.Estimates between = interpolation.at(new QueryBlock(queries, 50, 3, 1));
    for (int q = 0; q < 50; q++) {
      for (int c = 0; c < 3; c++) {
        assertThat(between.column(q, c)).isCloseTo(truth[q * 3 + c], within(0.1));
      }
    }
  }

  @Test
  void theScaleIsApplied() {
    float[] queries = TestSets.ball(random, 5, 3, 1);
    float[] doubled = queries.clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }
    Interpolation.Estimates scaled = interpolation().at(new QueryBlock(doubled, 5, 3, 0.5));
    Interpolation.Estimates plain = interpolation().at(new QueryBlock(queries, 5, 3, 1));
    for (int q = 0; q < 5; q++) {
      assertThat(columns(scaled, q)).containsExactly(columns(plain, q));
    }
  }
}
