// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.ridge;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.util.Optional;

/**
 * The family of ridge regression of values on keys. It promises nothing for keys that are not
 * Gaussian.
 */
public final class RidgeFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final RidgeFamily INSTANCE = new RidgeFamily();

  /**
   * Parameter: weight of the ridge in tokens, 0 to 1e9; default 1. The penalty is this number times
   * the mean variance of a key coordinate, added to the sum over the tokens. If tokens have
   * weights, it is in units of their mean weight.
   */
  public static final String PENALTY = "ridge.penalty";

  private static final double DEFAULT_PENALTY = 1;

  private RidgeFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  private static double penalty(SketchConfig config) throws UnfitConfigException {
    double penalty = config.number(PENALTY, DEFAULT_PENALTY);
    if (!(penalty >= 0 && penalty <= RidgeSketch.MAX_PENALTY)) {
      throw new UnfitConfigException(PENALTY + " must lie in 0..1e9, not " + penalty);
    }
    return penalty;
  }

  @Override
  public int id() {
    return 5;
  }

  @Override
  public String name() {
    return "ridge";
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    try {
      fittingPenalty(config);
      return Optional.empty();
    } catch (UnfitConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Returns the penalty in tokens, 0 to 1e9, of a configuration whose bytes suffice. */
  private static double fittingPenalty(SketchConfig config) throws UnfitConfigException {
    long needed = RidgeSketch.bytes(config.keyDim(), config.valueDim(), true);
    if (needed > config.maxBytes()) {
      throw new UnfitConfigException(
          "second moments of dimensions %d, %d take %d bytes, more than the %d available; a state size of about %d KiB is enough"
              .formatted(
                  config.keyDim(),
                  config.valueDim(),
                  needed,
                  config.maxBytes(),
                  SketchConfig.stateSizeFor(needed)));
    }
    return penalty(config);
  }

  private static double requirePenalty(SketchConfig config) {
    try {
      return fittingPenalty(config);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public String describe(SketchConfig config) {
    return "ridge: at most %d bytes; right for Gaussian keys and values linear in them, penalty of %s tokens"
        .formatted(
            RidgeSketch.bytes(config.keyDim(), config.valueDim(), true), requirePenalty(config));
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    return new RidgeSketch(config.valueDim(), requirePenalty(config), known.meanKey());
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return RidgeSketch.read(preamble, in);
  }
}
