// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;

/** The header and stored content of one open sequence, with the settings of its head. */
final class SequenceState {

  private final HeadSpec spec;
  private final SequenceStore store;
  private final AnchorSets anchors;
  private Header header;

  /** Reads the header; a sequence without one is new. */
  SequenceState(HeadSpec spec, SequenceStore store, AnchorSets anchors) {
    this.spec = spec;
    this.store = store;
    this.anchors = anchors;
    Header stored = store.header();
    header = stored == null ? Header.of(spec) : stored;
  }

  Header header() {
    return header;
  }

  HeadSpec spec() {
    return spec;
  }

  SequenceStore store() {
    return store;
  }

  AnchorSets anchors() {
    return anchors;
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
    return header.isExact() ? spec.family() : SketchFamilies.byId(header.family());
  }

  /** Returns the head's settings with the dimensions and sizes that the sequence began with. */
  SketchConfig config() {
    return new SketchConfig(
        header.keyDim(),
        header.valueDim(),
        header.layout().sketchBytes(),
        spec.seed(),
        spec.parameters());
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
    header.anchorsVersion(sketch.anchorsVersion());
    store.replacePending(rest);
    header.pending(rest.count());
  }

  /** Drops all content; the header is that of a new sequence. */
  void forget() {
    store.clearContent();
    header = header.forgotten(spec);
  }

  /** Writes the header if it has changed. */
  void save() {
    if (header.isChanged()) {
      store.putHeader(header);
      header.saved();
    }
  }
}
