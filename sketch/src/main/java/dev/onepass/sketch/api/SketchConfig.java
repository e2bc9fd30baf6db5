// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

import dev.onepass.sketch.wire.Preamble;
import java.util.Map;

/**
 * Describes what a sketch of one head is made for.
 *
 * @param keyDim length d of keys and queries, 1 to {@value Preamble#MAX_DIM}
 * @param valueDim length dv of values, 1 to {@value Preamble#MAX_DIM}
 * @param maxBytes bound on {@link AttentionSketch#stateBytes()}, at least 0
 * @param seed seed of everything that the family draws at random
 * @param parameters settings that only some families know, by the names that these families declare
 */
public record SketchConfig(
    int keyDim, int valueDim, int maxBytes, long seed, Map<String, String> parameters) {

  /**
   * Checks dimensions and bytes.
   *
   * @throws IllegalArgumentException if a dimension or the byte bound is out of range
   */
  public SketchConfig {
    if (keyDim < 1 || keyDim > Preamble.MAX_DIM || valueDim < 1 || valueDim > Preamble.MAX_DIM) {
      throw new IllegalArgumentException(
          "Key and value dimensions: expected 1 to %d, got %d and %d."
              .formatted(Preamble.MAX_DIM, keyDim, valueDim));
    }
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes: expected at least 0, got " + maxBytes + ".");
    }
    parameters = Map.copyOf(parameters);
  }

  /**
   * Returns the state size, in KiB, that leaves about the given bytes for the sketch.
   *
   * @param sketchBytes bytes of the sketch, at least 0
   */
  public static long stateSizeFor(long sketchBytes) {
    return (sketchBytes * 4 / 3 + 2047) / 1024;
  }

  /**
   * Parameter: bytes of the state of the whole sequence, a whole number. A sequence sets it;
   * without it the sketch is all there is.
   */
  public static final String STATE_SIZE = "state-size";

  /** Returns the bytes of the state of the whole sequence. */
  public int stateSize() {
    String text = parameters.get(STATE_SIZE);
    return text == null ? maxBytes : Integer.parseInt(text);
  }

  /**
   * Reads a numeric parameter.
   *
   * @param name name of the parameter
   * @param otherwise value if the parameter is not set
   * @throws UnfitConfigException if the parameter is set to text that is not a number
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
