// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

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
 * The family of polynomial features of even degree. The degree follows from a bound on |logit| and
 * a tolerance ({@link FeatureDegree}). If the bytes do not hold that degree, the highest even
 * degree that fits is used, and {@link #describe} says what it promises.
 */
public final class PolynomialFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final PolynomialFamily INSTANCE = new PolynomialFamily();

  /** Parameter: bound on |logit|, relative to the mean key, for which the polynomial is chosen. */
  public static final String LOGIT_BOUND = FeatureDegree.LOGIT_BOUND;

  /** Parameter: relative error of exp within the bound. */
  public static final String TOLERANCE = FeatureDegree.TOLERANCE;

  private PolynomialFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  static FeatureDegree plan(SketchConfig config) throws UnfitConfigException {
    FeatureDegree degree =
        FeatureDegree.choose(
            config,
            wanted ->
                PolynomialSketch.bytes(config.keyDim(), config.valueDim(), wanted)
                    <= config.maxBytes());
    if (degree.degree() < 2) {
      long needed = PolynomialSketch.bytes(config.keyDim(), config.valueDim(), 2);
      throw new UnfitConfigException(
          "polynomial features of degree 2 take %d bytes for dimensions %d, %d, more than the %d available; a state size of about %d KiB is enough"
              .formatted(
                  needed,
                  config.keyDim(),
                  config.valueDim(),
                  config.maxBytes(),
                  SketchConfig.stateSizeFor(needed)));
    }
    return degree;
  }

  @Override
  public int id() {
    return 2;
  }

  @Override
  public String name() {
    return "polynomial";
  }

  @Override
  public boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return true;
  }

  @Override
  public Optional<String> complaint(SketchConfig config) {
    try {
      plan(config);
      return Optional.empty();
    } catch (UnfitConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static FeatureDegree requirePlan(SketchConfig config) {
    try {
      return plan(config);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public String describe(SketchConfig config) {
    FeatureDegree plan = requirePlan(config);
    return "polynomial: %s, %d features, %d bytes; within %.3g %% of exp for |logit| up to %.2f around the mean key"
        .formatted(
            plan.describe(),
            MonomialBasis.size(config.keyDim(), plan.degree()),
            PolynomialSketch.bytes(config.keyDim(), config.valueDim(), plan.degree()),
            100 * plan.tolerance(),
            plan.bound());
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    return new PolynomialSketch(KeyFeatures.begin(requirePlan(config), known), config.valueDim());
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return PolynomialSketch.read(preamble, in);
  }
}
