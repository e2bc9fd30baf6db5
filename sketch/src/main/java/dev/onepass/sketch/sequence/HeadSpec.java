package dev.onepass.sketch.sequence;

import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import java.io.Serializable;
import java.util.Map;

/**
 * What all sequences of one head have in common.
 *
 * @param name the head's name
 * @param keyDim length of keys and queries
 * @param valueDim length of values and outputs
 * @param scale multiplies q.k to give the logit
 * @param stateSize bytes of header, pending block and sketch together
 * @param cutSize tokens that are folded at once; 0 lets the layout choose
 * @param family what a sequence goes over to when it outgrows its bytes
 * @param seed seed of whatever the family draws at random
 * @param parameters settings that only some families know, by option name
 */
public record HeadSpec(
    String name,
    int keyDim,
    int valueDim,
    double scale,
    int stateSize,
    int cutSize,
    SketchFamily family,
    long seed,
    Map<String, String> parameters)
    implements Serializable {

  /** With this size of a scale, products of the largest floats are still finite doubles. */
  public static final double LARGEST_SCALE = 1e100;

  /**
   * @throws IllegalArgumentException with a sentence that says what to set
   */
  public HeadSpec {
    if (!(Math.abs(scale) <= LARGEST_SCALE && scale != 0)) {
      throw new IllegalArgumentException(
          "the scale must not be 0 and at most " + LARGEST_SCALE + " in size: " + scale);
    }
    parameters = Map.copyOf(parameters);
  }

  /** How the bytes of a new sequence are divided. */
  public StateLayout layout() {
    StateLayout layout = StateLayout.of(keyDim, valueDim, stateSize, cutSize);
    return family
        .querySide(sketchConfig(layout))
        // A query that ends the tokens takes an exact sequence over, which frees bytes enough.
        .filter(queries -> !queries.closesTokens())
        .map(queries -> layout.withQueryBytes(queries.maxBytes()))
        .orElse(layout);
  }

  /** What a new sequence's sketch is made for. */
  public SketchConfig sketchConfig(StateLayout layout) {
    return new SketchConfig(keyDim, valueDim, layout.sketchBytes(), seed, parameters);
  }

  /**
   * Checks that a sequence of this head can live.
   *
   * @return one line that says what the configuration buys
   * @throws IllegalArgumentException with a sentence that says what to set
   */
  public String check() {
    StateLayout layout = layout();
    SketchConfig config = sketchConfig(layout);
    family
        .complaint(config)
        .ifPresent(
            complaint -> {
              throw new IllegalArgumentException(complaint);
            });
    if (family == ExactFamily.INSTANCE) {
      return "head %s: exact, at most %d tokens; more are refused"
          .formatted(name, layout.exactTokens());
    }
    return "head %s: exact up to %d tokens, then blocks of %d; %s"
        .formatted(name, layout.exactTokens(), layout.cutSize(), family.describe(config));
  }
}
