// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.cluster.ClusterSketch;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Writes and reads the bytes of a {@link HybridSketch}. Behind the preamble:
 *
 * <pre>
 *   0                 4             8              12         13         14
 *   +----------------+-------------+--------------+----------+----------+------------+---------+----------+
 *   | anchors        | anchors R   | bytes of the | flags i1 | kernel i1| range of   | rows at | clusters,|
 *   | version i4     | i4          | clusters i4  |          |          | values     | anchors | a sketch |
 *   |                |             |              |          |          |(2 dv x f4) |         |          |
 *   +----------------+-------------+--------------+----------+----------+------------+---------+----------+
 * </pre>
 *
 * <p>Flags: 1 if a retraction wore the sketch out, 2 if the base is what the clusters answer, and
 * in format 2, 4 times the number of half-lives for which it remains worn. Kernel: number of one of
 * the kernels of the anchor set. The clusters are relative to the same exponent as the rows.
 */
final class HybridFormat {

  private static final int WORN = 1;
  private static final int ON_CLUSTERS = 2;
  private static final int HALF_LIVES = 4;

  private HybridFormat() {}

  /** Writes a sketch. */
  static byte[] write(
      SketchFamily family,
      HybridParts parts,
      long tokens,
      WeightExponent exponent,
      int worn,
      Choice choice) {
    boolean weighted = exponent.isWeighted();
    WireWriter out = new WireWriter(parts.bytes(weighted));
    exponent.preamble(family.id(), parts.keyDim(), parts.valueDim(), tokens).write(out);
    out.putInt(parts.anchorsVersion());
    out.putInt(parts.rows().count());
    out.putInt(parts.clusterBytes());
    out.putByte(
        (worn > 0 ? WORN : 0)
            + (choice.onClusters() ? ON_CLUSTERS : 0)
            + (weighted ? HALF_LIVES * worn : 0));
    out.putByte(choice.kernel());
    parts.range().write(out);
    parts.rows().write(out);
    if (parts.hasClusters()) {
      out.putBytes(parts.clusters().toByteArray());
    }
    return out.toByteArray();
  }

  /**
   * Reads a sketch; the preamble is already consumed.
   *
   * @param anchors the anchor sets of the head
   * @throws CorruptSketchException if the bytes are not a hybrid sketch, or if its anchor set is
   *     not available
   */
  static HybridSketch read(
      SketchFamily family, Preamble preamble, WireReader in, AnchorSets anchors) {
    int version = in.getInt("anchors version", 0, Integer.MAX_VALUE);
    int count = in.getInt("anchors", 0, SetSizes.MOST_USED);
    int clusterBytes = in.getInt("bytes of clusters", 0, Integer.MAX_VALUE);
    WeightExponent exponent = WeightExponent.of(preamble);
    int flags = in.getByte();
    int kernel = in.getByte();
    int worn = exponent.isWeighted() ? flags / HALF_LIVES : (flags & WORN) * HybridSketch.WORN_FOR;
    if ((!exponent.isWeighted() && flags > WORN + ON_CLUSTERS)
        || worn > HybridSketch.WORN_FOR
        || worn > 0 != (flags & WORN) > 0
        || ((flags & ON_CLUSTERS) > 0 && clusterBytes == 0)
        || (version == 0) != (count == 0)
        || (count == 0 && clusterBytes == 0)) {
      throw new CorruptSketchException(
          "anchors version %d, %d anchors, %d bytes of clusters and flags %d contradict each other"
              .formatted(version, count, clusterBytes, flags));
    }
    AnchorSet set = version == 0 ? null : set(anchors, version, count, preamble.keyDim());
    int kernels = set == null ? 1 : set.kernelCount();
    if (kernel >= kernels) {
      throw new CorruptSketchException(
          "kernel: expected 0 to %d, got %d".formatted(kernels - 1, kernel));
    }
    ValueRange range = ValueRange.read(in, preamble.valueDim(), preamble.tokens());
    AnchorRows rows = AnchorRows.read(in, preamble.valueDim(), count);
    ClusterSketch clusters =
        clusterBytes == 0 ? null : clusters(in.getBytes(clusterBytes), preamble);
    HybridParts parts =
        new HybridParts(preamble.keyDim(), preamble.valueDim(), set, rows, clusters, range);
    Choice choice = new Choice(kernel, (flags & ON_CLUSTERS) > 0);
    return new HybridSketch(family, parts, preamble.tokens(), exponent, worn, choice);
  }

  private static AnchorSet set(AnchorSets anchors, int version, int count, int keyDim) {
    AnchorSet set = anchors.version(version).orElse(null);
    if (set == null || set.count() < count || set.keyDim() != keyDim) {
      throw new CorruptSketchException(
          "the sketch has %d rows at anchors of version %d, which is not available"
              .formatted(count, version));
    }
    return set;
  }

  private static ClusterSketch clusters(byte[] bytes, Preamble whole) {
    WireReader in = new WireReader(bytes);
    Preamble preamble = Preamble.read(in);
    if (preamble.family() != ClusterFamily.INSTANCE.id()) {
      throw new CorruptSketchException(
          "clusters: expected a sketch of family %d, got family %d"
              .formatted(ClusterFamily.INSTANCE.id(), preamble.family()));
    }
    if (preamble.keyDim() != whole.keyDim() || preamble.valueDim() != whole.valueDim()) {
      throw new CorruptSketchException(
          "clusters: expected dimensions %d, %d, got %d, %d"
              .formatted(whole.keyDim(), whole.valueDim(), preamble.keyDim(), preamble.valueDim()));
    }
    AttentionSketch clusters = ClusterFamily.INSTANCE.heapify(preamble, in, AnchorSets.NONE);
    in.expectEnd();
    if (clusters.tokenCount() != whole.tokens()) {
      throw new CorruptSketchException(
          "clusters: expected %d tokens, got %d".formatted(whole.tokens(), clusters.tokenCount()));
    }
    if (preamble.weighted() != whole.weighted() || preamble.exponent() != whole.exponent()) {
      throw new CorruptSketchException(
          "clusters: expected exponent %d, got %d"
              .formatted(whole.exponent(), preamble.exponent()));
    }
    return (ClusterSketch) clusters;
  }
}
