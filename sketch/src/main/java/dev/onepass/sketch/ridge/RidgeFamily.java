package dev.onepass.sketch.ridge;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;

/** Ridge regression of values on keys. Promises nothing about keys that are not Gaussian. */
public final class RidgeFamily implements SketchFamily {
  private static final long serialVersionUID = 1L;

  /** The family. */
  public static final RidgeFamily INSTANCE = new RidgeFamily();

  /**
   * Parameter: weight of the ridge, in tokens: the penalty is that many times the mean variance of
   * a key coordinate beside the sum over the tokens. 0 to 1e9.
   */
  public static final String PENALTY = "ridge.penalty";

  private static final double DEFAULT_PENALTY = 1;

  private RidgeFamily() {}

  private Object readResolve() {
    return INSTANCE;
  }

  private static double penalty(SketchConfig config) {
    double penalty = config.number(PENALTY, DEFAULT_PENALTY);
    if (!(penalty >= 0 && penalty <= RidgeSketch.MAX_PENALTY)) {
      throw new IllegalArgumentException(PENALTY + " must lie in 0..1e9, not " + penalty);
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
  public boolean canRetract() {
    return true;
  }

  @Override
  public void check(SketchConfig config) {
    penalty(config);
    long needed = RidgeSketch.bytes(config.keyDim(), config.valueDim());
    if (needed > config.maxBytes()) {
      throw new IllegalArgumentException(
          "second moments of dimensions %d, %d take %d bytes, more than the %d that sketch.state-size leaves for the sketch; set a larger sketch.state-size (about %d KiB) or another sketch.type"
              .formatted(
                  config.keyDim(),
                  config.valueDim(),
                  needed,
                  config.maxBytes(),
                  SketchConfig.stateSizeFor(needed)));
    }
  }

  @Override
  public String describe(SketchConfig config) {
    return "ridge: %d bytes; right for Gaussian keys and values linear in them, penalty of %s tokens"
        .formatted(RidgeSketch.bytes(config.keyDim(), config.valueDim()), penalty(config));
  }

  @Override
  public AttentionSketch begin(SketchConfig config, TokenBlock known) {
    check(config);
    return new RidgeSketch(config.valueDim(), penalty(config), known.meanKey());
  }

  @Override
  public AttentionSketch heapify(Preamble preamble, WireReader in) {
    return RidgeSketch.read(preamble, in);
  }
}
