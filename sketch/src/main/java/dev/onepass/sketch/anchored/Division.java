package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.wire.Preamble;
import java.util.Optional;

/**
 * Who gets which bytes of a sketch. Without an anchor set, clusters have all of them. With one,
 * clusters have the share that the set found them worth and what all of the set's anchors leave, if
 * that holds any, and anchors have the rest; where the bytes hold fewer than {@value
 * #LEAST_ANCHORS} anchors, clusters have all again.
 *
 * @param anchors rows kept at anchors
 * @param clusterBytes bytes of the clusters' own sketch, 0 for none
 */
record Division(int anchors, int clusterBytes) {

  /** Fewer anchors span no space. */
  static final int LEAST_ANCHORS = 16;

  /**
   * Bytes beside rows and clusters: the preamble, three numbers, flags, the kernel, the range of
   * values.
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
    int anchors = Math.min(offered, (left - clusterBytes) / rowBytes);
    return anchors < Math.min(LEAST_ANCHORS, offered)
        ? new Division(0, left)
        : new Division(anchors, clusterBytes);
  }

  /** Most anchors that a sketch can have over any set of at most so many. */
  static int mostAnchors(SketchConfig config, int offered) {
    int left = Math.max(0, config.maxBytes() - overhead(config.valueDim()));
    int held = left / AnchorSet.rowBytes(config.valueDim());
    return Math.min(held, Math.min(offered, SetSizes.MOST_USED));
  }

  /** What a sketch of clusters in so many bytes is made for. */
  static SketchConfig clusters(SketchConfig config, int bytes) {
    return new SketchConfig(
        config.keyDim(), config.valueDim(), Math.max(0, bytes), config.seed(), config.parameters());
  }
}
