// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.wire.Preamble;
import java.util.Optional;

/**
 * The division of the bytes of a sketch. Without an anchor set, clusters get all bytes. With one,
 * clusters get the share that the set gives them, and whatever all anchors of the set leave, if
 * that holds any clusters. Anchors get the rest. If the bytes hold fewer than {@value
 * #LEAST_ANCHORS} anchors, clusters get all bytes again.
 *
 * @param anchors rows kept at anchors
 * @param clusterBytes bytes of the clusters, 0 for none
 */
record Division(int anchors, int clusterBytes) {

  /** Fewer anchors do not span the query space. */
  static final int LEAST_ANCHORS = 16;

  /**
   * Returns the bytes in addition to rows and clusters, of a sketch whose tokens all have weight 1:
   * the preamble, three numbers, flags, the kernel and the range of values.
   */
  static int overhead(int valueDim) {
    return Preamble.BYTES + 3 * Integer.BYTES + 2 + ValueRange.bytes(valueDim);
  }

  static Division of(SketchConfig config, Optional<AnchorSet> set, boolean clustersToo) {
    int left = config.maxBytes() - overhead(config.valueDim());
    if (set.isEmpty()) {
      return new Division(0, left);
    }
    int rowBytes = AnchorSet.rowBytes(config.valueDim());
    int offered = Math.min(SetSizes.MOST_USED, set.get().count());
    int spare = left - Math.min(left, offered * rowBytes);
    int clusterBytes = clustersToo ? Math.max(spare, (int) (left * set.get().clusterShare())) : 0;
    if (!ClusterFamily.INSTANCE.fits(clusters(config, clusterBytes))) {
      clusterBytes = 0;
    }
    // Clusters make room for the longer preamble of weighted tokens, rows cannot.
    int reserved = clusterBytes > 0 ? 0 : Preamble.MOST_BYTES - Preamble.BYTES;
    int anchors = Math.min(offered, (left - clusterBytes - reserved) / rowBytes);
    return anchors < Math.min(LEAST_ANCHORS, offered)
        ? new Division(0, left)
        : new Division(anchors, clusterBytes);
  }

  /**
   * Returns the largest number of anchors that a sketch can have with any set of at most {@code
   * offered} anchors.
   */
  static int mostAnchors(SketchConfig config, int offered) {
    int left = Math.max(0, config.maxBytes() - overhead(config.valueDim()));
    int held = left / AnchorSet.rowBytes(config.valueDim());
    return Math.min(held, Math.min(offered, SetSizes.MOST_USED));
  }

  /** Returns the configuration of clusters that get a part of the bytes. */
  static SketchConfig clusters(SketchConfig config, int bytes) {
    return new SketchConfig(
        config.keyDim(), config.valueDim(), Math.max(0, bytes), config.seed(), config.parameters());
  }
}
