package dev.onepass.sketch.api;

import dev.onepass.sketch.wire.Preamble;
import java.util.Map;

/**
 * What a sketch of one head is made for.
 *
 * @param keyDim length d of keys and queries, 1 to {@value Preamble#MAX_DIM}
 * @param valueDim length dv of values, 1 to {@value Preamble#MAX_DIM}
 * @param maxBytes bound on {@link AttentionSketch#stateBytes()}
 * @param seed seed of whatever the family draws at random
 * @param parameters settings that only some families know, by the name of the option that sets them
 */
public record SketchConfig(
    int keyDim, int valueDim, int maxBytes, long seed, Map<String, String> parameters) {

  /**
   * @throws IllegalArgumentException if a dimension or the byte bound is out of range
   */
  public SketchConfig {
    if (keyDim < 1 || keyDim > Preamble.MAX_DIM || valueDim < 1 || valueDim > Preamble.MAX_DIM) {
      throw new IllegalArgumentException(
          "key and value dimensions must lie in 1.."
              + Preamble.MAX_DIM
              + ": "
              + keyDim
              + ", "
              + valueDim);
    }
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must not be negative: " + maxBytes);
    }
    parameters = Map.copyOf(parameters);
  }

  /** About which state size, in KiB, leaves so many bytes for the sketch. */
  public static long stateSizeFor(long sketchBytes) {
    return (sketchBytes * 4 / 3 + 2047) / 1024;
  }

  /**
   * A numeric parameter.
   *
   * @throws UnfitConfigException if it is set to something that is no number
   */
  public double number(String name, double otherwise) throws UnfitConfigException {
    String text = parameters.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      throw new UnfitConfigException(name + " must be a number, not '" + text + "'");
    }
  }
}
