// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.exact;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Optional;

/** The family that keeps whole tokens. It approximates nothing and has no settings. */
public final class ExactFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final ExactFamily INSTANCE = new ExactFamily();

  private ExactFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  @Override
  public int id() {
    return 1;
  }

  @Override
  public String name() {
    return "exact";
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    int smallest = ExactSketch.bytes(config.keyDim(), config.valueDim(), 1, true);
    if (config.maxBytes() >= smallest) {
      return Optional.empty();
    }
    return Optional.of(
        "one token of dimensions %d, %d takes %d bytes, more than the %d available"
            .formatted(config.keyDim(), config.valueDim(), smallest, config.maxBytes()));
  }

  @Override
  public String describe(SketchConfig config) {
    return "exact: at most %d tokens"
        .formatted(ExactSketch.capacity(config.keyDim(), config.valueDim(), config.maxBytes()));
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    requireFit(config);
    return new ExactSketch(config.keyDim(), config.valueDim(), config.maxBytes());
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return ExactSketch.read(preamble, in);
  }
}
