// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks that the formula and the simulation agree with each other and with known results. */
class FormulaTest {
  private static final SequenceBytes BYTES = SequenceBytes.of(32, 32, 32 << 10, 0);
  private static final int SEQUENCES = 20_000;

  private static Workload load(double exponent, double tokensPerSecond, double cacheShare) {
    Workload one =
        new Workload(new Activity(SEQUENCES, exponent, tokensPerSecond), BYTES, 1, 1 << 30, 10);
    double entry = (1 << 30) / one.cached();
    return new Workload(one.activity(), BYTES, 1, entry * SEQUENCES * cacheShare, 10);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 500, 2",
    "0, 5000, 2",
    "0, 5000, 0.3",
    "0, 200, 0.3",
    "0.8, 5000, 2",
    "0.8, 5000, 0.1",
    "1, 20000, 0.2",
    "1.2, 2000, 0.05",
    "1, 20000, 0"
  })
  void formulaAgreesWithTheSimulation(double exponent, double tokensPerSecond, double cacheShare) {
    Workload load = load(exponent, tokensPerSecond, cacheShare);
    Traffic formula = Formula.of(load);
    Traffic drawn = new Simulation(load, 7).run(20);
    assertThat(drawn.touched()).isCloseTo(formula.touched(), withinPercentage(2));
    assertThat(drawn.writes()).isCloseTo(formula.writes(), withinPercentage(3));
    assertThat(drawn.put()).isCloseTo(formula.put(), withinPercentage(10));
    if (cacheShare > 0 && cacheShare < 1) {
      assertThat(drawn.hitRate()).isCloseTo(formula.hitRate(), withinPercentage(3));
    }
  }

  /** If the cache holds C of A equal sequences, a token is a hit with probability C / A. */
  @Test
  void equalSequencesHitInProportionToTheCache() {
    assertThat(Formula.of(load(0, 5_000, 0.3)).hitRate()).isCloseTo(0.3, withinPercentage(0.1));
    assertThat(new Simulation(load(0, 5_000, 0.3), 1).run(10).hitRate())
        .isCloseTo(0.3, withinPercentage(1));
  }

  /** k tokens of A equal sequences touch A (1 - exp(-k / A)) of them. */
  @Test
  void touchedEqualSequencesFollowTheOccupancyFormula() {
    double k = 5_000 * 10;
    assertThat(Formula.of(load(0, 5_000, 2)).touched())
        .isCloseTo(SEQUENCES * (1 - Math.exp(-k / SEQUENCES)), withinPercentage(0.01));
  }

  /** If the cache holds all sequences, each touched sequence is written once. */
  @Test
  void aLargeCacheWritesEachTouchedSequenceOnce() {
    Traffic traffic = Formula.of(load(0.8, 5_000, 2));
    assertThat(traffic.writes()).isCloseTo(traffic.touched(), withinPercentage(0.01));
  }

  @Test
  void groupsAddUpToAllSequencesAndTokens() {
    for (double exponent : new double[] {0, 0.5, 1, 1.5}) {
      Activity activity = new Activity(1_000_000, exponent, 5_000);
      assertThat(activity.sum(rate -> 1)).isCloseTo(1_000_000, withinPercentage(1e-9));
      assertThat(activity.sum(rate -> rate)).isCloseTo(5_000, withinPercentage(1e-9));
    }
  }

  @Test
  void shardsReduceTheShareOfTheBusiestTask() {
    Workload load = new Workload(new Activity(10_000, 1.2, 1_000), BYTES, 16, 1 << 20, 10);
    Simulation simulation = new Simulation(load, 7);
    double busiest = simulation.busiest(0, 1);
    // The most frequent sequence alone has 22 % of all tokens.
    assertThat(busiest).isBetween(0.22, 0.35);
    assertThat(simulation.busiest(32, 16)).isBetween(1 / 16.0, 0.09);
  }

  @Test
  void equalSeedsGiveEqualTraffic() {
    Workload load = load(1, 1_000, 0.2);
    assertThat(new Simulation(load, 3).run(2)).isEqualTo(new Simulation(load, 3).run(2));
  }
}
