// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.FactorCache;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Optional;

/**
 * The families that keep rows at the anchors of their head's set. Both answer from clusters while a
 * head has no set. They differ in whether clusters stay in addition to the anchors if the set gives
 * clusters a share of the bytes.
 *
 * <p>Folded tokens can be taken back if there are anchors and no clusters.
 */
public final class AnchoredFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The family with anchors, and with clusters if the set gives them a share of the bytes. */
  public static final AnchoredFamily HYBRID = new AnchoredFamily(4, "hybrid", true);

  /** The family with anchors alone. */
  public static final AnchoredFamily ANCHORS = new AnchoredFamily(7, "anchors", false);

  private final int id;
  private final String name;
  private final boolean clustersToo;

  private AnchoredFamily(int id, String name, boolean clustersToo) {
    this.id = id;
    this.name = name;
    this.clustersToo = clustersToo;
  }

  private Object readResolve() {
    return clustersToo ? HYBRID : ANCHORS;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return Division.of(config, adopted, clustersToo).clusterBytes() == 0;
  }

  @Override
  public boolean canShrink() {
    return true;
  }

  @Override
  public boolean usesAnchors() {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    return ClusterFamily.INSTANCE.complaint(config, Division.overhead(config.valueDim()));
  }

  @Override
  public String describe(SketchConfig config) {
    int left = config.maxBytes() - Division.overhead(config.valueDim());
    return "%s: up to %d anchors once the head has an anchor set; until then, %s"
        .formatted(
            name,
            left / AnchorSet.rowBytes(config.valueDim()),
            ClusterFamily.INSTANCE.describe(Division.clusters(config, left)));
  }

  @Override
  public void prepare(SketchConfig config, AnchorSet set) throws InterruptedException {
    int anchors = anchors(config, set);
    if (anchors > 0) {
      set.prepare(anchors);
    }
  }

  @Override
  public boolean isPrepared(SketchConfig config, AnchorSet set) {
    int anchors = anchors(config, set);
    return anchors == 0 || set.isPrepared(anchors);
  }

  private int anchors(SketchConfig config, AnchorSet set) {
    return Division.of(config, suited(config, Optional.of(set)), clustersToo).anchors();
  }

  @Override
  public long factorBytes(SketchConfig config, int mostAnchors) {
    int anchors = Division.mostAnchors(config, mostAnchors);
    return anchors == 0 ? 0 : FactorCache.bytesOf(anchors, 2 * config.keyDim());
  }

  /** Returns the set only if its keys have the right length. */
  private static Optional<AnchorSet> suited(SketchConfig config, Optional<AnchorSet> set) {
    return set.filter(each -> each.keyDim() == config.keyDim());
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    requireFit(config);
    Optional<AnchorSet> set = suited(config, anchors.current());
    return HybridSketch.begin(this, config, Division.of(config, set, clustersToo), set);
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return HybridFormat.read(this, preamble, in, anchors);
  }
}
