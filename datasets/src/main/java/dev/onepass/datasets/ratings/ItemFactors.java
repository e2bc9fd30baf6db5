// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import java.util.Arrays;
import java.util.Random;

/**
 * Vectors of items, of length 1, from a truncated singular value decomposition U S V' of a matrix
 * with a row for each user and a column for each item: the rows of V S, normalized. Items that the
 * decomposition says nothing about have a vector of zeros.
 */
public final class ItemFactors {

  /** Vectors shorter than this, relative to the longest, are rounding. */
  private static final double ROUNDING = 1e-9;

  private ItemFactors() {}

  /**
   * Returns the vectors of items by who rated them. An event weighs ln(users / users who rated the
   * item), so items that everybody rates say little.
   *
   * @param dim length of a vector, at most the number of items
   * @return one vector for each item
   */
  public static float[][] byUsers(Events events, int dim, long seed) {
    double[] raters = raters(events);
    float[] weights = new float[events.count()];
    for (int e = 0; e < weights.length; e++) {
      weights[e] = (float) StrictMath.log(events.userCount() / raters[events.items()[e]]);
    }
    return of(events, weights, dim, seed, "factors of users");
  }

  /**
   * Returns the vectors of items by how they were rated. An event weighs its rating minus the mean
   * rating of its user, so who rated an item matters less than whether they liked it.
   *
   * @param dim length of a vector, at most the number of items
   * @return one vector for each item
   */
  public static float[][] byRatings(Events events, int dim, long seed) {
    double[] sums = new double[events.userCount()];
    for (int e = 0; e < events.count(); e++) {
      sums[events.users()[e]] += events.ratings()[e];
    }
    int[] counts = events.countsOfUsers();
    float[] weights = new float[events.count()];
    for (int e = 0; e < weights.length; e++) {
      int user = events.users()[e];
      weights[e] = (float) (events.ratings()[e] - sums[user] / counts[user]);
    }
    return of(events, weights, dim, seed, "factors of ratings");
  }

  /** Returns how many users rated each item. */
  private static double[] raters(Events events) {
    double[] raters = new double[events.itemCount()];
    long[] pairs = new long[events.count()];
    for (int e = 0; e < pairs.length; e++) {
      pairs[e] = (long) events.items()[e] << Integer.SIZE | events.users()[e];
    }
    Arrays.sort(pairs);
    for (int e = 0; e < pairs.length; e++) {
      if (e == 0 || pairs[e] != pairs[e - 1]) {
        raters[(int) (pairs[e] >> Integer.SIZE)]++;
      }
    }
    return raters;
  }

  private static float[][] of(Events events, float[] weights, int dim, long seed, String task) {
    double[][] vectors =
        TruncatedSvd.scaledVectors(new SparseMatrix(events, weights), dim, new Random(seed), task);
    double[] lengths = Arrays.stream(vectors).mapToDouble(ItemFactors::length).toArray();
    double shortest = ROUNDING * Arrays.stream(lengths).max().orElseThrow();
    float[][] factors = new float[vectors.length][dim];
    for (int item = 0; item < factors.length; item++) {
      for (int c = 0; c < dim && lengths[item] > shortest; c++) {
        factors[item][c] = (float) (vectors[item][c] / lengths[item]);
      }
    }
    return factors;
  }

  private static double length(double[] vector) {
    return Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
  }
}
