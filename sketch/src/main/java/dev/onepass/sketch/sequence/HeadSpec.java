// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of a head: what all its sequences have in common.
 *
 * @param name the head's name
 * @param keyDim length of keys and queries
 * @param valueDim length of values and outputs
 * @param scale multiplies q.k to give the logit
 * @param stateSize bytes of header, pending block and sketch together
 * @param cutSize tokens per block; 0 to let the layout choose
 * @param family the family that a sequence uses when it exceeds its bytes
 * @param seed seed of the family's random draws
 * @param parameters settings that only some families use, by name
 * @param decay how the weights of tokens decay
 */
@PublicEvolving
public record HeadSpec(
    String name,
    int keyDim,
    int valueDim,
    double scale,
    int stateSize,
    int cutSize,
    SketchFamily family,
    long seed,
    Map<String, String> parameters,
    Decay decay)
    implements Serializable {

  /** Largest absolute scale: products of the largest floats are still finite doubles. */
  public static final double LARGEST_SCALE = 1e100;

  /**
   * Checks the scale.
   *
   * @throws IllegalArgumentException if the scale is 0, not a number or too large
   */
  public HeadSpec {
    if (!(Math.abs(scale) <= LARGEST_SCALE && scale != 0)) {
      throw new IllegalArgumentException(
          "scale: must not be 0, and at most %s in size, got %s".formatted(LARGEST_SCALE, scale));
    }
    parameters = Map.copyOf(parameters);
  }

  /**
   * Creates the settings of a head without decay.
   *
   * @throws IllegalArgumentException if the scale is 0, not a number or too large
   */
  public HeadSpec(
      String name,
      int keyDim,
      int valueDim,
      double scale,
      int stateSize,
      int cutSize,
      SketchFamily family,
      long seed,
      Map<String, String> parameters) {
    this(name, keyDim, valueDim, scale, stateSize, cutSize, family, seed, parameters, Decay.NONE);
  }

  /** Returns the same settings with decay. */
  public HeadSpec withDecay(Decay other) {
    return new HeadSpec(
        name, keyDim, valueDim, scale, stateSize, cutSize, family, seed, parameters, other);
  }

  /**
   * Returns how the bytes of a new sequence are divided.
   *
   * @throws IllegalArgumentException if there is a {@link StateLayout#complaint}
   */
  @Internal
  public StateLayout layout() {
    StateLayout layout = StateLayout.of(keyDim, valueDim, stateSize, cutSize, decay);
    return family
        .querySide(sketchConfig(layout))
        // A query that closes an exact sequence makes it leave exact mode, which frees enough
        // bytes.
        .filter(queries -> !queries.closesTokens())
        .map(queries -> layout.withQueryBytes(queries.maxBytes()))
        .orElse(layout);
  }

  /** Returns the configuration of a new sequence's sketch. */
  @Internal
  public SketchConfig sketchConfig(StateLayout layout) {
    return new SketchConfig(keyDim, valueDim, layout.sketchBytes(), seed, parameters);
  }

  /**
   * Checks that sequences of this head can exist.
   *
   * @return empty if they can; otherwise one sentence without a full stop that says what does not
   *     fit, and what would
   */
  public Optional<String> complaint() {
    Optional<String> sizes = StateLayout.complaint(keyDim, valueDim, stateSize, cutSize, decay);
    if (sizes.isPresent()) {
      return sizes;
    }
    SketchConfig config = sketchConfig(layout());
    return family
        .complaint(config)
        .or(() -> decay.isOn() ? family.decayComplaint(config) : Optional.empty());
  }

  /**
   * Checks that sequences of this head can exist, and describes them.
   *
   * @return one line that says what the configuration buys
   * @throws IllegalArgumentException if there is a {@link #complaint}
   */
  public String check() {
    complaint()
        .ifPresent(
            complaint -> {
              throw new IllegalArgumentException(complaint);
            });
    StateLayout layout = layout();
    if (family == ExactFamily.INSTANCE) {
      return "head %s: exact, at most %d tokens; more are refused"
          .formatted(name, layout.exactTokens());
    }
    return "head %s: exact up to %d tokens, then blocks of %d; %s"
        .formatted(
            name, layout.exactTokens(), layout.cutSize(), family.describe(sketchConfig(layout)));
  }
}
