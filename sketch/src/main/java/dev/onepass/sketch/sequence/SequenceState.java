// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.wide.ColumnSample;
import java.util.Optional;

/** The header and stored content of one open sequence, with the settings of its head. */
final class SequenceState {

  private final HeadSpec head;
  private final SequenceStore store;
  private final AnchorSets anchors;
  private Header header;

  /** Reads the header; a sequence without one is new. */
  SequenceState(HeadSpec head, SequenceStore store, AnchorSets anchors) {
    this.head = head;
    this.store = store;
    this.anchors = anchors;
    Header stored = store.header();
    header = stored == null ? Header.of(head.ofWholeKeys()) : stored;
  }

  Header header() {
    return header;
  }

  /** Returns the settings of the head for the keys that the sequence keeps, whole or projected. */
  HeadSpec spec() {
    return spec(header);
  }

  HeadSpec spec(Header of) {
    return of.isProjected() ? head.ofProjectedKeys(of.keyDim()) : head.ofWholeKeys();
  }

  SequenceStore store() {
    return store;
  }

  /**
   * Returns the anchor sets that the sequence can work with. The current one is the head's if it
   * projects keys as the sequence does. Otherwise it is the one whose projection the sequence uses.
   * A sequence that keeps whole keys in a head that projects them has none.
   */
  AnchorSets anchors() {
    return new AnchorSets() {
      @Override
      public Optional<AnchorSet> current() {
        if (!header.isProjected()) {
          return anchors.current().filter(set -> set.columns().isEmpty() && !head.wide().isOn());
        }
        Optional<ColumnSample> columns = projection();
        return anchors
            .current()
            .filter(set -> set.columns().equals(columns))
            .or(SequenceState.this::adopted);
      }

      @Override
      public Optional<AnchorSet> version(int version) {
        return anchors.version(version);
      }
    };
  }

  private Optional<AnchorSet> adopted() {
    return header.anchorsVersion() == 0
        ? Optional.empty()
        : anchors.version(header.anchorsVersion());
  }

  /** Returns whether the anchor set is missing that the sequence has adopted. */
  boolean lacksAnchorSet() {
    return header.anchorsVersion() != 0
        && adopted().filter(set -> !header.isProjected() || projects(set)).isEmpty();
  }

  /** Returns whether a set projects keys to the length that the sequence keeps. */
  private boolean projects(AnchorSet set) {
    return set.columns().isPresent() && set.keyDim() == header.keyDim();
  }

  /**
   * Returns the projection of the sequence's keys and queries; empty if it keeps whole keys.
   *
   * @throws IllegalStateException if the anchor set is missing
   */
  Optional<ColumnSample> projection() {
    if (!header.isProjected()) {
      return Optional.empty();
    }
    if (lacksAnchorSet()) {
      throw new IllegalStateException(
          "Version %d of the anchor set, which the sequence adopted, is missing."
              .formatted(header.anchorsVersion()));
    }
    return adopted().flatMap(AnchorSet::columns);
  }

  /** Returns the length of the keys and queries that the sequence takes. */
  int keyDim() {
    return projection().map(ColumnSample::fullDim).orElse(header.keyDim());
  }

  /** Projects the keys of an exact sequence if its head has a projection by now. */
  void projectIfDue() {
    AnchorSet set = dueProjection();
    if (set == null) {
      return;
    }
    store.replacePending(set.columns().orElseThrow().project(pending()));
    project(header, set);
  }

  /** Returns the header with which the next token will be accepted; may be a copy. */
  Header headerOfNextToken() {
    AnchorSet set = dueProjection();
    if (set == null) {
      return header;
    }
    Header next = header.copy();
    project(next, set);
    return next;
  }

  /**
   * Returns the set that the next fold uses.
   *
   * @param of the header at that fold; see {@link #headerOfNextToken}
   */
  Optional<AnchorSet> setOfNextFold(Header of) {
    if (!of.isExact()) {
      return anchors.version(of.anchorsVersion());
    }
    return of == header ? anchors().current() : anchors.version(of.anchorsVersion());
  }

  private void project(Header changed, AnchorSet set) {
    changed.project(set.version(), set.keyDim(), head.cutSize());
  }

  /** Returns the set whose projection the next token begins to use; null for none. */
  private AnchorSet dueProjection() {
    if (!head.wide().isOn() || !header.isExact() || header.isProjected()) {
      return null;
    }
    return anchors
        .current()
        .filter(set -> set.columns().isPresent() && set.fullDim() == header.keyDim())
        .filter(set -> head.suits(set))
        .orElse(null);
  }

  /** Returns the stored pending tokens. */
  TokenBlock pending() {
    return store.pending(header.keyDim(), header.valueDim());
  }

  /** Returns the stored sketch. */
  AttentionSketch sketch() {
    return store.sketch(anchors);
  }

  /** Returns the family of the sketch, or of the future sketch of an exact sequence. */
  SketchFamily family() {
    return family(header);
  }

  /** Returns the family that a header names or will use. */
  SketchFamily family(Header of) {
    return of.isExact() ? spec(of).family() : SketchFamilies.byId(of.family());
  }

  /** Returns the head's settings with the dimensions and sizes that the sequence began with. */
  SketchConfig config() {
    return config(header);
  }

  /** Returns the head's settings with the dimensions and sizes of a header. */
  SketchConfig config(Header of) {
    return new SketchConfig(
        of.keyDim(),
        of.valueDim(),
        of.layout().sketchBytes(),
        head.seed(),
        of.layout().with(head.parameters()));
  }

  /** Returns a sketch that may change while the stored one stays as it is. */
  AttentionSketch copy(AttentionSketch sketch) {
    return SketchFamilies.heapify(sketch.toByteArray(), anchors);
  }

  /** Writes a sketch and the tokens that are pending next to it. */
  void keep(AttentionSketch sketch, TokenBlock rest) {
    if (header.isExact()) {
      header.leaveExactMode(sketch.family().id());
    }
    sketch.settle();
    int bytes = sketch.stateBytes();
    if (bytes + header.queryBytes() > header.layout().sketchBytes()) {
      // Options have changed since the queries were remembered, and the sketch takes their bytes.
      store.clearQueries();
      header.queryBytes(0);
    }
    store.putSketch(sketch);
    header.sketchBytes(bytes);
    if (!header.isProjected() || sketch.anchorsVersion() != 0) {
      header.anchorsVersion(sketch.anchorsVersion());
    }
    store.replacePending(rest);
    header.pending(rest.count());
  }

  /** Drops all content; the header is that of a new sequence. */
  void forget() {
    store.clearContent();
    header = header.forgotten(head.ofWholeKeys());
  }

  /** Writes the header if it has changed. */
  void save() {
    if (header.isChanged()) {
      store.putHeader(header);
      header.saved();
    }
  }
}
