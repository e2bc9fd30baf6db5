// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.ridge.RidgeFamily;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The registry of sketch families. */
@PublicEvolving
public final class SketchFamilies {

  private static final List<SketchFamily> ALL =
      List.of(
          ExactFamily.INSTANCE,
          PolynomialFamily.INSTANCE,
          OnepassFamily.INSTANCE,
          AnchoredFamily.HYBRID,
          RidgeFamily.INSTANCE,
          ClusterFamily.INSTANCE,
          AnchoredFamily.ANCHORS);

  private static final List<SketchFamily> WITH_HEAVY_KEYS =
      ALL.stream().<SketchFamily>map(HeavyFamily::new).toList();

  private SketchFamilies() {}

  /** Returns every family, ordered by id. */
  public static List<SketchFamily> all() {
    return ALL;
  }

  /**
   * Returns the family with a name; empty if there is none.
   *
   * @param name name of the family
   */
  public static Optional<SketchFamily> byName(String name) {
    return ALL.stream().filter(family -> family.name().equals(name)).findFirst();
  }

  /**
   * Returns a family with heavy keys next to its sketches; exact attention itself, which keeps all
   * keys.
   *
   * @param family a family of {@link #all}
   */
  public static SketchFamily withHeavyKeys(SketchFamily family) {
    return family == ExactFamily.INSTANCE ? family : byId(family.id() | HeavyFamily.MARK);
  }

  /**
   * Returns the family with an id.
   *
   * @param id id of a family, or that id with the bit {@link HeavyFamily#MARK} for the family with
   *     heavy keys next to its sketches
   * @throws CorruptSketchException if there is none
   */
  public static SketchFamily byId(int id) {
    return Stream.concat(ALL.stream(), WITH_HEAVY_KEYS.stream())
        .filter(family -> family.id() == id)
        .findFirst()
        .orElseThrow(() -> new CorruptSketchException("family: no family has the id " + id));
  }

  /**
   * Reads a sketch of any family and any released format.
   *
   * @param bytes what {@link AttentionSketch#toByteArray()} wrote
   * @param anchors the anchor sets of the sketch's head
   * @throws CorruptSketchException if the bytes are not a sketch; memory stays bounded by a small
   *     multiple of {@code bytes.length}
   */
  public static AttentionSketch heapify(byte[] bytes, AnchorSets anchors) {
    WireReader in = new WireReader(bytes);
    Preamble preamble = Preamble.read(in);
    AttentionSketch sketch = byId(preamble.family()).heapify(preamble, in, anchors);
    in.expectEnd();
    return sketch;
  }

  /**
   * Reads a query sketch of any family and any released format.
   *
   * @param bytes what {@link QuerySketch#toByteArray()} wrote
   * @throws CorruptSketchException if the bytes are not a query sketch; memory stays bounded by a
   *     small multiple of {@code bytes.length}
   */
  public static QuerySketch heapifyQueries(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    Preamble preamble = Preamble.read(in);
    if ((preamble.family() & Preamble.QUERY_SIDE) == 0) {
      throw new CorruptSketchException("expected a query sketch, got a sketch of tokens");
    }
    SketchFamily family = byId(preamble.family() & ~Preamble.QUERY_SIDE);
    QuerySketch sketch = family.heapifyQueries(preamble, in);
    in.expectEnd();
    return sketch;
  }
}
