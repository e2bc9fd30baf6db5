// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.recommender;

import java.util.List;
import java.util.Random;

/**
 * What one user likes: a mixture of genres. The logarithm of a genre's weight is a normal variable
 * that drifts from visit to visit and is forgotten after a few hundred events. An item is chosen in
 * proportion to the weight of its genre times its popularity.
 */
final class Taste {

  /** Standard deviation of the logarithm of a weight. */
  static final double DEVIATION = 1.5;

  /** Events after which taste has been forgotten. */
  private static final double LASTS = 400;

  private final List<Genre> genres;
  private final Random random;
  private final double[] logWeights;

  /** Items of each genre that exist during the visit. */
  private final int[] released;

  /** Chance of each genre and all genres before it, relative to other genres. */
  private final double[] sums;

  private int chosenGenre;

  Taste(List<Genre> genres, Random random) {
    this.genres = genres;
    this.random = random;
    logWeights = new double[genres.size()];
    released = new int[genres.size()];
    sums = new double[genres.size()];
    drift(0);
  }

  /**
   * Begins a visit, which sees the items of its first moment.
   *
   * @param events number of events since the last visit began
   */
  void visit(double time, int events) {
    drift(StrictMath.exp(-events / LASTS));
    double sum = 0;
    for (int g = 0; g < sums.length; g++) {
      released[g] = genres.get(g).released(time);
      sum += StrictMath.exp(logWeights[g]) * genres.get(g).popularity(released[g]);
      sums[g] = sum;
    }
  }

  /** Chooses an item. */
  int choose() {
    double drawn = random.nextDouble() * sums[sums.length - 1];
    chosenGenre = 0;
    while (chosenGenre + 1 < sums.length && sums[chosenGenre] <= drawn) {
      chosenGenre++;
    }
    return genres.get(chosenGenre).draw(released[chosenGenre], random);
  }

  /** Returns how much the user likes the genre of the item chosen last: a standard normal score. */
  double liking() {
    return logWeights[chosenGenre] / DEVIATION;
  }

  private void drift(double stays) {
    double moves = DEVIATION * Math.sqrt(1 - stays * stays);
    for (int g = 0; g < logWeights.length; g++) {
      logWeights[g] = stays * logWeights[g] + moves * random.nextGaussian();
    }
  }
}
