// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Optional;

/**
 * The family of cluster moments. Folding and merging are exact while there is room for the distinct
 * keys. Beyond that, answers depend on the order of the tokens, and merging equals folding only in
 * what sums preserve.
 *
 * <p>Tokens cannot be taken back. The cluster of a folded token is no longer known, and it need not
 * be the nearest one. Counts would fall below zero and means would diverge.
 */
public final class ClusterFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final ClusterFamily INSTANCE = new ClusterFamily();

  private ClusterFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  @Override
  public int id() {
    return 6;
  }

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return false;
  }

  @Override
  public boolean canShrink() {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    return complaint(config, 0);
  }

  /**
   * Returns whether the bytes of a configuration hold any clusters.
   *
   * @param config what the sketch is made for
   */
  public boolean fits(SketchConfig config) {
    return config.maxBytes() >= Sizes.leastBytes(config.keyDim(), config.valueDim());
  }

  /**
   * Checks that clusters fit into a sketch that also holds something else.
   *
   * @param config what the sketch is made for
   * @param otherBytes bytes that the something else takes
   * @return empty if they fit, otherwise one sentence, as in {@link #complaint(SketchConfig)}
   */
  public Optional<String> complaint(SketchConfig config, int otherBytes) {
    long needed = Sizes.leastBytes(config.keyDim(), config.valueDim()) + otherBytes;
    if (config.maxBytes() >= needed) {
      return Optional.empty();
    }
    return Optional.of(
        "%d clusters of dimensions %d, %d take %d bytes, more than the %d available; a state size of about %d KiB is enough"
            .formatted(
                Sizes.LEAST_CLUSTERS,
                config.keyDim(),
                config.valueDim(),
                needed,
                config.maxBytes(),
                SketchConfig.stateSizeFor(needed)));
  }

  @Override
  public String describe(SketchConfig config) {
    Sizes sizes = Sizes.of(config);
    return "cluster: %d clusters, %s covariance, %s slope; exact for up to that many distinct keys"
        .formatted(
            sizes.capacity(),
            sizes.covariance() ? "shared" : "no",
            sizes.slope() ? "shared" : "no");
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    requireFit(config);
    return new ClusterSketch(Sizes.of(config));
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return ClusterSketch.read(preamble, in);
  }
}
