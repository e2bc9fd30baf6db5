// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.cluster.ClusterSketch;
import dev.onepass.sketch.wire.Preamble;

/**
 * The parts that a {@link HybridSketch} keeps.
 *
 * @param keyDim length d of keys
 * @param valueDim length dv of values
 * @param set the anchor set; null if the sketch has no anchors
 * @param rows exact attention at the anchors; no rows if there is no set
 * @param clusters the clusters of the sequence; null if it has none
 * @param range range of the values folded so far
 */
record HybridParts(
    int keyDim,
    int valueDim,
    AnchorSet set,
    AnchorRows rows,
    ClusterSketch clusters,
    ValueRange range) {

  /** Returns whether the sketch keeps rows at anchors. */
  boolean hasAnchors() {
    return rows.count() > 0;
  }

  /** Returns whether the sketch keeps clusters. */
  boolean hasClusters() {
    return clusters != null;
  }

  /** Returns the version of the anchor set; 0 if there is none. */
  int anchorsVersion() {
    return set == null ? 0 : set.version();
  }

  /** Returns the bytes of the clusters; 0 if there are none. */
  int clusterBytes() {
    return clusters == null ? 0 : clusters.stateBytes();
  }

  /**
   * Returns the bytes of the whole sketch.
   *
   * @param weighted whether tokens had other weights than 1
   */
  int bytes(boolean weighted) {
    return Division.overhead(valueDim)
        - Preamble.BYTES
        + Preamble.bytes(weighted)
        + rows.count() * AnchorSet.rowBytes(valueDim)
        + clusterBytes();
  }

  /** Returns the same parts with rows at the first anchors only. */
  HybridParts withAnchors(int fewer) {
    return new HybridParts(keyDim, valueDim, set, rows.first(fewer), clusters, range);
  }

  /** Returns whether the parts of another sketch have the same dimensions, sizes and anchor set. */
  boolean matches(HybridParts other) {
    return other.anchorsVersion() == anchorsVersion()
        && other.rows.count() == rows.count()
        && other.hasClusters() == hasClusters()
        && other.keyDim == keyDim
        && other.valueDim == valueDim;
  }
}
