package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;

/**
 * Polynomial features of even degree. The degree follows from the bound B on |logit| and the
 * tolerance eps: the smallest even one with {@code |P(x) - e^x| <= eps e^x} on [-B, B]. Where the
 * bytes do not hold it, the highest even degree that fits is taken, and {@link #describe} says what
 * is left.
 */
public final class PolynomialFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The family. */
  public static final PolynomialFamily INSTANCE = new PolynomialFamily();

  /** Parameter: bound on |logit|, relative to the mean key, that the polynomial is made for. */
  public static final String LOGIT_BOUND = FeatureDegree.LOGIT_BOUND;

  /** Parameter: relative error of exp within the bound. */
  public static final String TOLERANCE = FeatureDegree.TOLERANCE;

  private PolynomialFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  static FeatureDegree plan(SketchConfig config) {
    FeatureDegree degree =
        FeatureDegree.choose(
            config,
            wanted ->
                PolynomialSketch.bytes(config.keyDim(), config.valueDim(), wanted)
                    <= config.maxBytes());
    if (degree.degree() < 2) {
      long needed = PolynomialSketch.bytes(config.keyDim(), config.valueDim(), 2);
      throw new IllegalArgumentException(
          "polynomial features of degree 2 take %d bytes for dimensions %d, %d, more than the %d that sketch.state-size leaves for the sketch; set a larger sketch.state-size (about %d KiB) or another sketch.type"
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
  public boolean canRetract() {
    return true;
  }

  @Override
  public void check(SketchConfig config) {
    plan(config);
  }

  @Override
  public String describe(SketchConfig config) {
    FeatureDegree plan = plan(config);
    return "polynomial: %s, %d features, %d bytes; within %.3g %% of exp for |logit| up to %.2f around the mean key"
        .formatted(
            plan.describe(),
            MonomialBasis.size(config.keyDim(), plan.degree()),
            PolynomialSketch.bytes(config.keyDim(), config.valueDim(), plan.degree()),
            100 * plan.tolerance(),
            plan.bound());
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known) {
    return new PolynomialSketch(KeyFeatures.begin(plan(config), known), config.valueDim());
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in) {
    return PolynomialSketch.read(preamble, in);
  }
}
