package dev.onepass.sketch.registry;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.ridge.RidgeFamily;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.List;
import java.util.Optional;

/** The one registry of sketch families. */
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

  private SketchFamilies() {}

  /** Every family, in the order of their ids. */
  public static List<SketchFamily> all() {
    return ALL;
  }

  /** The family of that name, if there is one. */
  public static Optional<SketchFamily> byName(String name) {
    return ALL.stream().filter(family -> family.name().equals(name)).findFirst();
  }

  /**
   * The family of that id.
   *
   * @throws CorruptSketchException if there is none
   */
  public static SketchFamily byId(int id) {
    return ALL.stream()
        .filter(family -> family.id() == id)
        .findFirst()
        .orElseThrow(() -> new CorruptSketchException("unknown sketch family " + id));
  }

  /**
   * Reads a sketch of any family and any released format.
   *
   * @param anchors what sequences of the sketch's head share
   * @throws CorruptSketchException if the bytes are no such sketch; memory stays bounded by a small
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
   * @throws CorruptSketchException if the bytes are no query sketch; memory stays bounded by a
   *     small multiple of {@code bytes.length}
   */
  public static QuerySketch heapifyQueries(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    Preamble preamble = Preamble.read(in);
    if ((preamble.family() & Preamble.QUERY_SIDE) == 0) {
      throw new CorruptSketchException("the bytes are a sketch of tokens, not of queries");
    }
    SketchFamily family = byId(preamble.family() & ~Preamble.QUERY_SIDE);
    QuerySketch sketch = family.heapifyQueries(preamble, in);
    in.expectEnd();
    return sketch;
  }
}
