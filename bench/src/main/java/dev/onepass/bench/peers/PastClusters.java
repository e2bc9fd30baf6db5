// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

/**
 * Clusters that begin at centres of past tokens. A token joins the nearest one, whose centre moves
 * towards it (MacQueen, Some Methods for Classification and Analysis of Multivariate Observations,
 * 1967). A past centre counts as {@value #PRIOR} tokens in where its cluster is, and as none in the
 * means.
 */
final class PastClusters {
  private static final double PRIOR = 16;

  private final TokenSpace space;
  private final Means means;
  private final Centres centres;

  /**
   * Creates clusters.
   *
   * @param past centres of past tokens, at most as many as there are means
   */
  PastClusters(TokenSpace space, Means means, Centres past) {
    this.space = space;
    this.means = means;
    this.centres = past.copy();
  }

  /** Takes the next token. */
  void accept(float[] key, float[] value) {
    float[] x = space.coordinates(key, value);
    int nearest = centres.nearest(x);
    means.add(nearest, key, value);
    double share = 1 / (PRIOR + means.count(nearest));
    float[] centre = centres.point(nearest);
    for (int i = 0; i < centre.length; i++) {
      centre[i] += (float) (share * (x[i] - centre[i]));
    }
    centres.set(nearest, centre, 0);
  }
}
