// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.kriging;

/**
 * What surrounds queries in query space, as {@link StatedError} needs it.
 *
 * @param deviations the deviation that the nearest anchors leave of each answer, relative to the
 *     deviation without any anchor
 * @param neighbours numbers of the nearest left-out anchors, equally many for each query, row-major
 */
public record Surroundings(double[] deviations, int[] neighbours) {

  /** Returns how many left-out anchors each query has as neighbours. */
  int neighboursOfEach() {
    return deviations.length == 0 ? 0 : neighbours.length / deviations.length;
  }
}
