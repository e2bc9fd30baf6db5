// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.wide.ColumnSample;
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
 * @param wide how wide keys are projected
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
    Decay decay,
    WideKeys wide)
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
   * Creates the settings of a head without decay that keeps whole keys.
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
    this(
        name,
        keyDim,
        valueDim,
        scale,
        stateSize,
        cutSize,
        family,
        seed,
        parameters,
        Decay.NONE,
        WideKeys.NONE);
  }

  /** Returns the same settings with decay. */
  public HeadSpec withDecay(Decay other) {
    return new HeadSpec(
        name, keyDim, valueDim, scale, stateSize, cutSize, family, seed, parameters, other, wide);
  }

  /** Returns the same settings with a projection of wide keys. */
  public HeadSpec withWideKeys(WideKeys other) {
    return new HeadSpec(
        name, keyDim, valueDim, scale, stateSize, cutSize, family, seed, parameters, decay, other);
  }

  /**
   * Returns the settings of sequences with projected keys: those of a head of such keys.
   *
   * @param columns length of projected keys
   */
  HeadSpec ofProjectedKeys(int columns) {
    return plain(columns, family);
  }

  /**
   * Returns the settings of sequences that keep whole keys. Where keys are wide, these are the
   * sequences that began before the head had a set. They continue with clusters, the one family
   * besides {@code exact} whose bytes fit wide keys.
   */
  HeadSpec ofWholeKeys() {
    if (!wide.isOn()) {
      return this;
    }
    boolean fits = family.usesAnchors() || family == ExactFamily.INSTANCE;
    return plain(keyDim, fits ? family : ClusterFamily.INSTANCE);
  }

  private HeadSpec plain(int dim, SketchFamily kind) {
    return new HeadSpec(
        name,
        dim,
        valueDim,
        scale,
        stateSize,
        cutSize,
        kind,
        seed,
        parameters,
        decay,
        WideKeys.NONE);
  }

  /**
   * Returns how the bytes of a new sequence are divided, with projected keys if the head projects
   * them.
   *
   * @throws IllegalArgumentException if there is a {@link StateLayout#complaint}
   */
  @Internal
  public StateLayout layout() {
    if (wide.isOn()) {
      return ofProjectedKeys(wide.columns()).layout();
    }
    StateLayout layout = StateLayout.of(keyDim, valueDim, stateSize, cutSize, decay);
    return family
        .querySide(sketchConfig(layout))
        // A query that closes an exact sequence makes it leave exact mode, which frees enough
        // bytes.
        .filter(queries -> !queries.closesTokens())
        .map(queries -> layout.withQueryBytes(queries.maxBytes()))
        .orElse(layout);
  }

  /**
   * Returns how many consecutive positions go to the same shard of a sequence in shards. This is
   * the cut size of a layout without room for biases and times. So the shard of a position does not
   * change with decay, nor with the layout of new sequences, and duplicates meet the shard that has
   * them.
   *
   * @return number of positions, at least 1
   * @throws IllegalArgumentException if there is a {@link StateLayout#complaint}
   */
  @Internal
  public int shardBlock() {
    int dim = wide.isOn() ? wide.columns() : keyDim;
    return StateLayout.of(dim, valueDim, stateSize, cutSize, StateLayout.Room.OF_VERSION_3)
        .cutSize();
  }

  /** Returns the configuration of a new sequence's sketch. */
  @Internal
  public SketchConfig sketchConfig(StateLayout layout) {
    int dim = wide.isOn() ? wide.columns() : keyDim;
    return new SketchConfig(dim, valueDim, layout.sketchBytes(), seed, layout.with(parameters));
  }

  /**
   * Checks that sequences of this head can exist.
   *
   * @return empty if they can; otherwise one sentence without a full stop that says what does not
   *     fit, and what would
   */
  public Optional<String> complaint() {
    if (wide.isOn()) {
      return wideComplaint();
    }
    Optional<String> sizes = StateLayout.complaint(keyDim, valueDim, stateSize, cutSize, decay);
    if (sizes.isPresent()) {
      return sizes;
    }
    SketchConfig config = sketchConfig(layout());
    return family
        .complaint(config)
        .or(() -> decay.isOn() ? family.decayComplaint(config) : Optional.empty());
  }

  private Optional<String> wideComplaint() {
    if (wide.columns() >= keyDim) {
      return Optional.of(
          "%d columns of keys of length %d project nothing: the columns must be fewer than that"
              .formatted(wide.columns(), keyDim));
    }
    if (family.name().equals(OnepassFamily.INSTANCE.name())) {
      return Optional.of(
          "the family onepass does not support columns, because it remembers queries: use another family, or whole keys");
    }
    return ofProjectedKeys(wide.columns())
        .complaint()
        .map(sentence -> "keys projected to %d columns: ".formatted(wide.columns()) + sentence)
        .or(
            () ->
                ofWholeKeys()
                    .complaint()
                    .map(
                        sentence ->
                            "whole keys of length %d, before there is a projection: "
                                    .formatted(keyDim)
                                + sentence));
  }

  /** Returns whether sequences of this head use anchor sets: for anchors, or for columns. */
  public boolean usesSets() {
    return family.usesAnchors() || wide.isOn();
  }

  /** Returns the length of the keys that the head's anchor sets are about: of projected ones. */
  public int setDim() {
    return wide.isOn() ? wide.columns() : keyDim;
  }

  /** Returns whether sequences of this head can use an anchor set. */
  public boolean suits(AnchorSet set) {
    return set.fullDim() == keyDim
        && columns(set) == wide.columns()
        && set.columns().stream().allMatch(wide::isKept);
  }

  /**
   * Checks that sequences of this head can use an anchor set.
   *
   * @return empty if it {@link #suits}; otherwise one sentence without a full stop that says why it
   *     does not, and what would help
   */
  public Optional<String> refusal(AnchorSet set) {
    if (suits(set)) {
      return Optional.empty();
    }
    if (set.fullDim() != keyDim) {
      return Optional.of(
          "the anchor set is for keys of length %d, but head %s has keys of length %d"
              .formatted(set.fullDim(), name, keyDim));
    }
    if (columns(set) != wide.columns()) {
      return Optional.of(
          "the anchor set has %s, but head %s has %s; make the set for the columns of the head, or change the columns of the head"
              .formatted(columnsOrNone(columns(set)), name, columnsOrNone(wide.columns())));
    }
    return Optional.of(
        "the anchor set for head %s: %s"
            .formatted(name, wide.loss(keyDim, set.columns().orElseThrow())));
  }

  private static int columns(AnchorSet set) {
    return set.columns().map(ColumnSample::columns).orElse(0);
  }

  private static String columnsOrNone(int columns) {
    return columns == 0 ? "no columns" : columns + " columns";
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
    if (wide.isOn()) {
      return "%s; keys are projected from %d to %d columns once the head has an anchor set; until then, %s"
          .formatted(
              ofProjectedKeys(wide.columns()).check(),
              keyDim,
              wide.columns(),
              ofWholeKeys().check());
    }
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
